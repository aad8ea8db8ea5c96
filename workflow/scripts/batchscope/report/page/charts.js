// The charts, as Vega-Lite sees them. Colours are variables of the style sheet, so that one drawing
// serves light and dark screens and paper.
"use strict";

const charts = {
  options: {
    actions: false,
    renderer: "svg",
    // Expressions are interpreted: the page allows no code to be made from text.
    ast: true,
    tooltip: { disableDefaultStyle: true },
    config: {
      background: "transparent",
      font: "system-ui, sans-serif",
      // Each chart is described as a whole, by its element.
      aria: false,
      view: { stroke: null },
      axis: {
        labelColor: "var(--ink)",
        titleColor: "var(--ink)",
        titleFontWeight: "normal",
        gridColor: "var(--line)",
        domainColor: "var(--soft)",
        tickColor: "var(--soft)",
        labelFontSize: 12,
        titleFontSize: 13,
        labelOverlap: true,
      },
      legend: { labelColor: "var(--ink)", titleColor: "var(--ink)", labelFontSize: 12, titleFontWeight: "normal" },
    },
  },

  // Labels of an axis that may hold any numbers: thousands apart, and no exponent.
  numbers: { format: ",.4~r", tickCount: 5 },

  x(axes) {
    return {
      field: "x",
      type: "quantitative",
      title: axes.x.title,
      scale: { type: axes.x.log ? "log" : "linear", domain: axes.x.domain, nice: false },
      axis: { ...charts.numbers, grid: false },
    };
  },

  y(axes) {
    return {
      field: "y",
      type: "quantitative",
      title: axes.y.title,
      scale: { domain: axes.y.domain, nice: false, ...(axes.y.log ? { type: "log" } : { type: "linear", zero: false }) },
      axis: { ...charts.numbers },
    };
  },

  // An axis of batch sizes.
  sizes(sizes) {
    return {
      field: "batch",
      type: "quantitative",
      title: "batch size",
      scale: { type: "log", base: 2, nice: false, domain: [sizes[0] / 1.3, sizes.at(-1) * 1.3] },
      axis: { values: sizes, format: ",d", grid: false },
    };
  },

  // A colour per batch size.
  colours(sizes) {
    return {
      field: "batch",
      type: "nominal",
      title: "batch size",
      scale: { domain: sizes.map(String), range: sizes.map((_, index) => `var(--c${index})`) },
      legend: { orient: "top", columns: { expr: "max(2, floor(width / 75))" }, symbolType: "stroke", symbolStrokeWidth: 3, symbolOpacity: 1 },
    };
  },

  base(height) {
    return {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      width: "container",
      height,
      autosize: { type: "fit-x", contains: "padding" },
    };
  },

  // A line per batch size. Data: lines {batch, x, y, low, high, epoch}; dots likewise with the level
  // of their labels, and ends of lines without a dot; target {y}.
  curves(axes, sizes) {
    const colour = charts.colours(sizes);
    const tooltip = [
      { field: "batch", type: "quantitative", title: "batch size", format: "d" },
      { field: "epoch", title: "epoch", format: ",.4~r" },
      { field: "x", title: axes.x.title, format: ",.4~r" },
      { field: "y", title: axes.y.title, format: ".4~r" },
    ];
    return {
      ...charts.base(300),
      encoding: { x: charts.x(axes), y: charts.y(axes) },
      layer: [
        {
          data: { name: "target" },
          mark: { type: "rule", stroke: "var(--ink)", strokeDash: [6, 4], clip: true },
          encoding: { x: null },
        },
        {
          data: { name: "lines" },
          mark: { type: "line", strokeWidth: 2, clip: true },
          encoding: { color: colour },
        },
        {
          data: { name: "lines" },
          params: [{ name: "near", select: { type: "point", on: "pointerover", nearest: true, clear: "pointerout" } }],
          mark: { type: "point", filled: true, size: 60, clip: true },
          encoding: {
            color: colour,
            tooltip,
            opacity: { condition: { param: "near", empty: false, value: 1 }, value: 0 },
          },
        },
        {
          data: { name: "dots" },
          mark: { type: "point", filled: true, size: 130, stroke: "var(--paper)", strokeWidth: 1.5, opacity: 1, clip: true },
          encoding: {
            color: colour,
            // Its height lies between two epochs that are drawn, which is no measured value.
            tooltip: [{ field: "said", title: "target" }, ...tooltip.slice(0, -1)],
          },
        },
        ...[
          ["dots", { dy: { expr: `${axes.down ? "" : "-"}(13 + 14 * datum.level)` } }],
          ["ends", { dx: 4, align: "left", baseline: "middle" }, "!datum.edge"],
          ["ends", { dy: -8, dx: -3, align: "right" }, "datum.edge"],
        ].map(([name, place, kept = "true"]) => ({
          data: { name },
          transform: [{ filter: kept }],
          mark: { type: "text", fontSize: 12, fontWeight: "bold", stroke: "var(--paper)", strokeWidth: 3, ...place },
          encoding: { text: { field: "batch" }, fill: colour },
        })),
      ],
    };
  },

  // One batch size. Data: context {x, y, batch}, mean {x, y, low, high}, training {x, y}, runs
  // {x, y, replicate}, dots {x, y, said}, target {y}, median {x}.
  panel(axes, runs) {
    const small = { ...axes, x: { ...axes.x, title: null }, y: { ...axes.y, title: null } };
    const x = charts.x(small);
    const y = charts.y(small);
    x.axis.tickCount = y.axis.tickCount = 4;
    const tooltip = [
      { field: "epoch", title: "epoch", format: ",.4~r" },
      { field: "y", title: "mean", format: ".4~r" },
      { field: "low", title: "10% quantile", format: ".4~r" },
      { field: "high", title: "90% quantile", format: ".4~r" },
    ];
    const line = (data, colour, mark, more = {}) => ({
      data: { name: data },
      mark: { type: "line", stroke: `var(--${colour})`, clip: true, ...mark },
      encoding: more,
    });
    const means = [
      {
        data: { name: "mean" },
        mark: { type: "area", fill: "var(--validation)", opacity: 0.25, clip: true },
        encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
      },
      line("training", "training", { strokeWidth: 1.5, strokeDash: [4, 3] }),
      line("mean", "validation", { strokeWidth: 2 }),
      {
        data: { name: "mean" },
        params: [{ name: "near", select: { type: "point", on: "pointerover", nearest: true, clear: "pointerout" } }],
        mark: { type: "point", filled: true, fill: "var(--validation)", size: 50, clip: true },
        encoding: { tooltip, opacity: { condition: { param: "near", empty: false, value: 1 }, value: 0 } },
      },
    ];
    const singles = [
      line("runs", "validation", { strokeWidth: 1, opacity: 0.4 }, { detail: { field: "replicate" } }),
      {
        data: { name: "dots" },
        mark: { type: "point", filled: true, fill: "var(--measured)", size: 30, opacity: 0.8, clip: true },
        encoding: { tooltip: [{ field: "said", title: "run" }] },
      },
    ];
    return {
      ...charts.base(130),
      encoding: { x, y },
      layer: [
        line("context", "context", { strokeWidth: 1, opacity: 0.6 }, { detail: { field: "batch" } }),
        ...(runs ? singles : means),
        {
          data: { name: "target" },
          mark: { type: "rule", stroke: "var(--ink)", strokeDash: [6, 4], clip: true },
          encoding: { x: null },
        },
        {
          data: { name: "median" },
          mark: { type: "rule", stroke: "var(--measured)", strokeWidth: 2, clip: true },
          encoding: { y: null },
        },
      ],
    };
  },
};
