// What the learning curves show: the rows of their data, their axes and their descriptions.
"use strict";

const drawing = (() => {
  const { content, words, say, state, fill, range, of, number, count, written, per, epochsAt } = study;
  const element = (id) => document.getElementById(id);
  const views = {};

  async function draw(id, spec, data, description) {
    const box = element(id);
    box.setAttribute("aria-label", description);
    // Vega describes the element that it draws into in its own way.
    const inner = box.firstElementChild ?? box.appendChild(document.createElement("div"));
    const text = JSON.stringify(spec);
    if (views[id]?.text !== text) {
      views[id]?.embedded.then(({ view }) => view.finalize());
      views[id] = { text, embedded: vegaEmbed(inner, spec, charts.options) };
    }
    const own = views[id];
    own.data = data;
    const { view } = await own.embedded;
    // Meanwhile another drawing may have taken its place, or other data.
    if (views[id] !== own || own.data !== data) return;
    for (const [name, rows] of Object.entries(data)) view.data(name, rows);
    await view.runAsync();
  }

  const finite = (values) => values.filter((value) => value !== null && Number.isFinite(value));
  const extent = (values) => [Math.min(...finite(values)), Math.max(...finite(values))];

  function rowsOf(point, column) {
    const { mean, low, high } = point.curves[column];
    return range(point.epochs.length)
      .filter((k) => mean[k] !== null)
      .map((k) => ({
        batch: String(point.batch_size),
        epoch: point.epochs[k],
        x: point.epochs[k] * per(point),
        y: mean[k],
        low: low[k],
        high: high[k],
      }));
  }

  // A value of a curve at an epoch, which may lie between two that are drawn; null beyond its end.
  function valueAt(point, values, epoch) {
    const after = point.epochs.findIndex((kept) => kept >= epoch);
    if (after < 0) return null;
    if (after === 0 || point.epochs[after] === epoch) return values[after];
    if (values[after] === null) return null;
    const share = (epoch - point.epochs[after - 1]) / (point.epochs[after] - point.epochs[after - 1]);
    return values[after - 1] + share * (values[after] - values[after - 1]);
  }

  function curveAxes(points) {
    const { name, falls: down } = content.metrics[state.metric];
    const rows = points.flatMap((point) => rowsOf(point, state.metric));
    const ends = new Set(points.map((point) => point.epochs.at(-1)));
    const [low, high] = rows.length ? extent(rows.map((row) => row.y)) : [0, 1];
    const log = down && low > 0 && high > 5 * low;
    // The labels of dots stand beyond the curves, where they lie over none.
    const [under, over] = down ? [0.3, 0.05] : [0.05, 0.3];
    const room = log ? [low / (high / low) ** under, high * (high / low) ** over] : [low - (high - low) * under, high + (high - low) * over];
    return {
      down,
      x: {
        title: words.units[state.unit],
        log: state.unit !== "epoch" || ends.size > 1,
        domain: rows.length ? extent(rows.map((row) => row.x)) : [1, 2],
      },
      y: { title: name, log, domain: room },
    };
  }

  const reachedBy = (point, epoch) =>
    Number.isFinite(epoch)
      ? fill(say.reaches, { time: `${written[state.unit](epoch * per(point))} ${words.units[state.unit]}` })
      : say.reaches_not;

  function drawCurves(now) {
    const own = of(state.recipe);
    const points = own.map((i) => content.points[i]).filter((point) => per(point) !== null && point.epochs.length);
    const axes = curveAxes(points);
    const sizes = own.map((i) => content.points[i].batch_size);
    const lines = points.map((point) => rowsOf(point, state.metric));
    const medians = new Map(own.map((i) => [content.points[i], epochs.median(epochsAt(i, now))]));
    const dots = points.flatMap((point) => {
      const epoch = medians.get(point);
      const y = Number.isFinite(epoch) ? valueAt(point, point.curves[state.metric].mean, epoch) : null;
      const said = `half of the runs reach it by epoch ${count(epoch)}`;
      return y === null ? [] : [{ batch: String(point.batch_size), epoch, x: epoch * per(point), y, said }];
    });
    // The labels of dots that are close to each other stand above each other.
    const place = (dot) => (axes.x.log ? Math.log(dot.x) : dot.x);
    const [left, right] = axes.x.domain.map((x) => place({ x }));
    dots.sort((a, b) => a.x - b.x);
    for (const [k, dot] of dots.entries()) {
      const close = k > 0 && place(dot) - place(dots[k - 1]) < (30 / element("curves").clientWidth) * (right - left);
      dot.level = close ? (dots[k - 1].level + 1) % 4 : 0;
    }
    const target = state.metric === state.targetMetric && now.value !== null ? [{ y: now.value }] : [];
    const ends = points.flatMap((point, k) => {
      const last = lines[k].at(-1);
      // At the edge of the chart there is no room beside the end.
      return last && !Number.isFinite(medians.get(point)) ? [{ ...last, edge: place(last) > right - 0.06 * (right - left) }] : [];
    });
    element("target-line").hidden = !target.length;
    const named = { recipe: state.recipe, metric: content.metrics[state.metric].name, unit: words.units[state.unit] };
    const finals = lines.filter((rows) => rows.length).map((rows) => `${number(rows.at(-1).y)} (${rows[0].batch})`).join(", ");
    draw("curves", charts.curves(axes, sizes), { lines: lines.flat(), dots, ends, target }, fill(say.curves, { ...named, ends: finals }));
    drawPanels(own, axes, lines, medians, target, now);
  }

  function drawPanels(own, axes, lines, medians, target, now) {
    const box = element("panels");
    if (box.dataset.recipe !== state.recipe) {
      for (const id of Object.keys(views).filter((name) => name.startsWith("panel-"))) {
        views[id].embedded.then(({ view }) => view.finalize());
        delete views[id];
      }
      box.dataset.recipe = state.recipe;
      box.replaceChildren(
        ...own.map((i) => {
          const [panel, title, chart] = ["div", "h3", "div"].map((tag) => document.createElement(tag));
          panel.className = "panel";
          title.textContent = `batch size ${content.points[i].batch_size}`;
          chart.id = `panel-${i}`;
          chart.setAttribute("role", "img");
          panel.append(title, chart);
          return panel;
        }),
      );
    }
    const training = content.metrics[state.metric].training;
    for (const i of own) {
      const point = content.points[i];
      const epoch = medians.get(point);
      const found = epochsAt(i, now);
      const known = per(point) !== null && point.epochs.length;
      const runs = known
        ? point.runs[state.metric].flatMap((values, replicate) =>
            range(values.length)
              .filter((k) => values[k] !== null)
              .map((k) => ({ replicate, x: point.epochs[k] * per(point), y: values[k] })),
          )
        : [];
      const dots = known
        ? point.runs[state.metric].flatMap((values, replicate) => {
            const y = Number.isFinite(found[replicate]) ? valueAt(point, values, found[replicate]) : null;
            const said = `replicate ${replicate + 1} reaches it at epoch ${found[replicate]}`;
            return y === null ? [] : [{ x: found[replicate] * per(point), y, said }];
          })
        : [];
      const data = {
        context: lines.flat().filter((row) => row.batch !== String(point.batch_size)),
        target,
        median: known && Number.isFinite(epoch) ? [{ x: epoch * per(point) }] : [],
        ...(state.show === "runs"
          ? { runs, dots }
          : { mean: known ? rowsOf(point, state.metric) : [], training: known ? rowsOf(point, training) : [] }),
      };
      const named = { size: point.batch_size, recipe: state.recipe, reach: reachedBy(point, epoch) };
      draw(`panel-${i}`, charts.panel(axes, state.show === "runs"), data, fill(say.panel, named));
    }
  }

  function readCurves() {
    // Where the last replicate of a point has diverged its curve ends.
    const end = (point) => point.epochs.findLast((_, k) => point.curves[state.metric].mean[k] !== null) ?? 0;
    const points = of(state.recipe).map((i) => content.points[i]).filter(end);
    const slider = element("read");
    slider.parentElement.hidden = !points.length;
    if (!points.length) return;
    const longest = points.reduce((a, b) => (end(b) > end(a) ? b : a));
    if (slider.dataset.recipe !== state.recipe) {
      slider.dataset.recipe = state.recipe;
      slider.max = longest.epochs.indexOf(end(longest));
      // The last epoch at which there are all curves.
      const all = Math.min(...points.map(end));
      slider.value = longest.epochs.findLastIndex((epoch) => epoch <= all);
    }
    const epoch = longest.epochs[slider.value];
    const values = points
      .map((point) => [point.batch_size, valueAt(point, point.curves[state.metric].mean, epoch)])
      .filter(([, value]) => value !== null)
      .map(([size, value]) => `${size}: ${number(value)}`)
      .join(", ");
    const metric = content.metrics[state.metric].name;
    element("read-values").textContent = fill(say.read, { epoch, metric, values });
    slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
  }

  return { draw, extent, curves: drawCurves, read: readCurves };
})();
