// The learning-rate map: what each rate of a recipe's grid comes to, and the best one by batch size.
"use strict";

const rates = (() => {
  const { content, say, state, fill, of, number, tell } = study;
  const element = (id) => document.getElementById(id);

  // Losses of runs that went astray are cut off at so many times the least.
  const HIGHEST = 1.5;
  // Rules that a best rate may follow: name -> power of the batch size.
  const GUIDES = { "as the batch size": 1, "as its square root": 0.5 };

  // Data: cells {batch, x, y, low, high}.
  function spec(axes, sizes, rateTicks) {
    const x = charts.x(axes);
    x.axis = { ...x.axis, values: rateTicks };
    const y = charts.y(axes);
    const colour = charts.colours(sizes);
    const tooltip = [
      { field: "batch", title: "batch size" },
      { field: "x", title: "learning rate", format: ",.4~r" },
      { field: "y", title: axes.y.title, format: ",.4~r" },
    ];
    const layer = (mark, encoding) => ({ data: { name: "cells" }, mark: { clip: true, ...mark }, encoding: { color: colour, ...encoding } });
    return {
      ...charts.base(260),
      encoding: { x, y },
      layer: [
        layer({ type: "rule", strokeWidth: 1, opacity: 0.5 }, { y: { ...y, field: "low" }, y2: { field: "high" } }),
        layer({ type: "line", strokeWidth: 2 }, {}),
        layer({ type: "point", filled: true, size: 60, opacity: 1 }, { tooltip }),
      ],
    };
  }

  // Data: best {batch, y, low, high, beyond, said}, guides {batch, y, name}.
  function bestSpec(sizes, domain) {
    const x = charts.sizes(sizes);
    const y = charts.y({ y: { title: "best learning rate", log: true, domain } });
    const point = { type: "point", filled: true, fill: "var(--measured)", size: 100, opacity: 1, clip: true };
    const tooltip = [
      { field: "batch", title: "batch size" },
      { field: "said", title: "best rate" },
    ];
    const shape = { field: "beyond", scale: { domain: ["highest", "lowest"], range: ["triangle-up", "triangle-down"] }, legend: null };
    return {
      ...charts.base(260),
      encoding: { x, y },
      layer: [
        {
          data: { name: "guides" },
          mark: { type: "line", stroke: "var(--soft)", strokeWidth: 1, clip: true },
          encoding: { strokeDash: { field: "name", title: null, scale: { domain: Object.keys(GUIDES), range: [[6, 4], [2, 3]] }, legend: { orient: "top", symbolStrokeColor: "var(--soft)" } } },
        },
        {
          data: { name: "best" },
          mark: { type: "rule", stroke: "var(--measured)", strokeWidth: 2.5, clip: true },
          encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        { data: { name: "best" }, transform: [{ filter: "datum.beyond === null" }], mark: point, encoding: { tooltip } },
        { data: { name: "best" }, transform: [{ filter: "datum.beyond !== null" }], mark: point, encoding: { tooltip, shape } },
      ],
    };
  }

  function drawMeasure(name, map, sizes) {
    const { name: title, cells } = map.measures[name];
    const rows = cells
      .filter(({ limits }) => limits[0] !== null)
      .map(({ batch, x, limits: [y, low, high] }) => ({ batch: String(batch), x, y, low: low ?? y, high: high ?? y }));
    const [least, most] = rows.length ? drawing.extent(rows.map((row) => row.y)) : [1, 2];
    const top = name === "best_val_loss" ? Math.min(most * 1.05, HIGHEST * least) : most * 1.15;
    const axes = {
      x: { title: "learning rate", log: true, domain: [map.rates[0] / 1.3, map.rates.at(-1) * 1.3] },
      y: { title, log: true, domain: [least / (name === "best_val_loss" ? 1.02 : 1.2), top] },
    };
    const lowest = sizes
      .map((size) => rows.filter((row) => row.batch === String(size)))
      .filter((own) => own.length)
      .map((own) => own.reduce((a, b) => (b.y < a.y ? b : a)))
      .map((row) => `${number(row.y)} at ${row.x} (${row.batch})`)
      .join(", ");
    const description = fill(say.rates, { measure: title, recipe: state.recipe, lowest: lowest || say.nothing });
    drawing.draw(`rates-${name}`, spec(axes, sizes, map.rates), { cells: rows }, description);
  }

  function drawBest(map, sizes) {
    const [lowest, highest] = [map.rates[0], map.rates.at(-1)];
    const best = map.best.flatMap(({ batch, limits: [value, low, high], beyond }) => {
      if (value === null && beyond === null) return [];
      const y = value ?? (beyond === "highest" ? highest : lowest);
      const said = value === null ? `the ${beyond} of the grid, or beyond` : number(value);
      const limited = value !== null && !(low === null && high === null);
      return [{ batch, y, low: limited ? (low ?? lowest) : y, high: limited ? (high ?? highest) : y, beyond, said }];
    });
    const inside = best.filter((row) => row.beyond === null);
    const middle = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
    const guides = inside.length
      ? Object.entries(GUIDES).flatMap(([name, power]) => {
          const [x, y] = [middle(inside.map((row) => row.batch)), middle(inside.map((row) => row.y))];
          return sizes.map((batch) => ({ batch, y: y * (batch / x) ** power, name }));
        })
      : [];
    const told = best.map((row) => `${row.said} (${row.batch})`).join(", ") || say.nothing;
    const description = fill(say.best_rates, { recipe: state.recipe, told });
    drawing.draw("rates-best", bestSpec(sizes, [lowest / 1.3, highest * 1.3]), { best, guides }, description);
  }

  function draw() {
    const map = content.rate_maps[state.recipe];
    const section = element("rates-section");
    if (section) section.hidden = !map;
    if (!map) return;
    const sizes = of(state.recipe).map((i) => content.points[i].batch_size);
    for (const name of Object.keys(map.measures)) drawMeasure(name, map, sizes);
    drawBest(map, sizes);
    element("rates-sentences").replaceChildren(
      ...map.sentences.map((sentence) => {
        const item = document.createElement("li");
        tell(item, sentence);
        return item;
      }),
    );
  }

  return { draw };
})();
