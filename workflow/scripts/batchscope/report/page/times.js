// The time to the target against batch size.
"use strict";

const times = (() => {
  const { content, columns, words, say, state, fill, of, written, per, epochsAt, rowTexts } = study;

  // The chart as Vega-Lite sees it. Data: medians {batch, y, low, high, later, text}, runs
  // {x, y, said}, law {batch, y, low, high}, others {batch, y, recipe}.
  function spec(axes, sizes) {
    const x = charts.sizes(sizes);
    const y = charts.y(axes);
    const tooltip = [
      { field: "batch", type: "quantitative", title: "batch size", format: "d" },
      { field: "text", title: axes.y.title },
      { field: "reached", title: "runs that reach" },
    ];
    return {
      ...charts.base(280),
      encoding: { x, y },
      layer: [
        {
          data: { name: "others" },
          mark: { type: "line", stroke: "var(--context)", strokeWidth: 1, clip: true },
          encoding: { detail: { field: "recipe" } },
        },
        {
          data: { name: "law" },
          mark: { type: "area", fill: "var(--ink)", opacity: 0.15, clip: true },
          encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        {
          data: { name: "law" },
          mark: { type: "line", stroke: "var(--ink)", strokeWidth: 1.5, clip: true },
        },
        {
          data: { name: "runs" },
          mark: { type: "point", filled: true, fill: "var(--measured)", size: 14, opacity: 0.35, clip: true },
          encoding: { x: { ...x, field: "x" }, tooltip: [{ field: "said", title: "run" }] },
        },
        {
          data: { name: "medians" },
          mark: { type: "rule", stroke: "var(--measured)", strokeWidth: 2.5, clip: true },
          encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        {
          data: { name: "medians" },
          transform: [{ filter: "!datum.later" }],
          mark: { type: "point", filled: true, fill: "var(--measured)", stroke: "var(--paper)", size: 110, opacity: 1, clip: true },
          encoding: { tooltip },
        },
        {
          data: { name: "medians" },
          transform: [{ filter: "datum.later" }],
          mark: { type: "point", shape: "triangle-up", filled: false, stroke: "var(--measured)", size: 90, opacity: 1, clip: true },
          encoding: { tooltip },
        },
        {
          data: { name: "medians" },
          transform: [{ filter: "datum.later" }, { calculate: `${axes.y.domain[1]}`, as: "top" }],
          mark: { type: "rule", stroke: "var(--measured)", strokeDash: [3, 3], clip: true },
          encoding: { y2: { field: "top" } },
        },
        {
          data: { name: "medians" },
          transform: [{ filter: "datum.open" }],
          mark: { type: "point", shape: "triangle-up", filled: true, fill: "var(--measured)", size: 60, opacity: 1, clip: true },
          encoding: { y: { ...y, field: "high" } },
        },
      ],
    };
  }

  function draw(now) {
    const own = of(state.recipe);
    const points = own.map((i) => content.points[i]);
    const sizes = points.map((point) => point.batch_size);
    const later = (point) => point.last_epoch * per(point);
    const timeColumn = columns.findIndex((column) => column.csv === `target_${state.unit}`);
    const medianOf = (i) => epochs.median(epochsAt(i, now));
    const medians = own.flatMap((i) => {
      const point = content.points[i];
      const moved = now.view.points[i];
      const epoch = medianOf(i);
      if (per(point) === null || Number.isNaN(epoch) || !point.last_epoch) return [];
      const row = { batch: point.batch_size, reached: rowTexts(i, now)[0], text: rowTexts(i, now)[timeColumn] };
      if (epoch === Infinity) return [{ ...row, y: later(point), low: later(point), high: later(point), later: true, open: false }];
      const y = epoch * per(point);
      if (now.exact) return [{ ...row, y, low: y, high: y, later: false, open: false }];
      const scale = state.unit === "updates" ? per(point) : 1;
      const [, low, high] = (state.unit === "seconds" ? moved.seconds : moved.epoch).map((limit) =>
        limit === words.above ? later(point) : limit === null ? y : limit * scale,
      );
      const open = (state.unit === "seconds" ? moved.seconds : moved.epoch)[2] === words.above;
      return [{ ...row, y, low, high, later: false, open }];
    });
    const runs = own.flatMap((i) => {
      const point = content.points[i];
      const found = epochsAt(i, now);
      return found.flatMap((epoch, replicate) => {
        if (!Number.isFinite(epoch) || per(point) === null) return [];
        const shift = found.length > 1 ? replicate / (found.length - 1) - 0.5 : 0;
        const y = epoch * per(point);
        const said = `replicate ${replicate + 1}: ${written[state.unit](y)} ${words.units[state.unit]}`;
        return [{ x: point.batch_size * 2 ** (0.4 * shift), y, said }];
      });
    });
    const law = now.exact
      ? []
      : own.flatMap((i) => {
          const point = content.points[i];
          const line = now.view.points[i].law;
          if (line === null || per(point) === null) return [];
          const [y, low, high] = line.map((updates) => (updates === null ? null : (updates / point.updates_per_epoch) * per(point)));
          return [{ batch: point.batch_size, y, low: low ?? y, high: high ?? y }];
        });
    const others = content.recipes
      .filter((recipe) => recipe !== state.recipe)
      .flatMap((recipe) =>
        of(recipe).map((i) => ({ recipe, batch: content.points[i].batch_size, y: medianOf(i) * (per(content.points[i]) ?? NaN) })),
      )
      .filter((row) => Number.isFinite(row.y));
    const seen = [...medians.flatMap((row) => [row.low, row.high]), ...runs.map((row) => row.y)];
    const [low, high] = seen.length ? drawing.extent(seen) : [1, 10];
    const unit = words.units[state.unit];
    const axes = {
      y: { title: `${unit} to the target`, log: true, domain: [low / 1.15, high * 1.3] },
    };
    const times = medians.map((row) => `${row.text} (${row.batch})`).join(", ") || say.nothing;
    document.getElementById("law-line").hidden = !law.length;
    drawing.draw("times", spec(axes, sizes), { medians, runs, law, others }, fill(say.times, { unit, recipe: state.recipe, times }));
  }

  return { draw };
})();
