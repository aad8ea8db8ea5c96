// What is chosen on the page, and the numbers that follow from it.
"use strict";

const study = (() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const [content, columns, words] = ["content", "columns", "words"].map(read);
  const say = words.script;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const range = (count) => [...Array(count).keys()];

  // What is chosen. `exact` is a typed target that is none of those computed in advance.
  const state = {
    recipe: content.first_recipe,
    // The target is a line in its own metric.
    metric: content.target_metric,
    unit: "epoch",
    show: "bands",
    targetMetric: content.target_metric,
    position: 0,
    exact: null,
    sort: { index: 0, descending: false },
    allRecipes: false,
  };

  // The points of a recipe, as indices.
  const of = (recipe) => range(content.points.length).filter((i) => content.points[i].recipe === recipe);
  const falls = () => content.metrics[state.targetMetric].falls;

  // Numbers as the sentences have them: digits before the decimal point are never rounded away.
  const number = (value, digits = 3) => {
    const round = Number(value).toPrecision(digits);
    if (Math.abs(round) >= 10 ** (digits - 1)) return Math.round(value).toLocaleString("en");
    return Number(round) === 0 ? "0" : Number(round).toLocaleString("en", { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
  };
  const count = (value) => value.toLocaleString("en", { maximumFractionDigits: 1 });
  const written = { epoch: count, updates: count, seconds: (value) => number(value) };
  const targetText = (value) => `${content.metrics[state.targetMetric].bound} ${number(value, 4)}`;

  // An epoch in a unit, at a point.
  const per = (point, unit = state.unit) =>
    ({ epoch: 1, updates: point.updates_per_epoch, seconds: point.seconds_per_epoch })[unit];

  // What was computed in advance for the chosen recipe and metric, the easiest target first.
  function stops() {
    const found = content.grids[state.targetMetric].map((view) => ({ value: view.targets[state.recipe], view }));
    const own = content.own.targets[state.recipe];
    if (state.targetMetric === content.target_metric && own !== null) {
      found.push({ value: own, view: content.own });
    }
    return found.sort((a, b) => (falls() ? b.value - a.value : a.value - b.value));
  }

  // {value, view, exact}: the chosen target, and the computed one that it is or that is nearest.
  function chosen() {
    const all = stops();
    if (!all.length) return { value: null, view: content.own, exact: false };
    const stop = all[state.position];
    return state.exact === null ? { ...stop, exact: false } : { ...stop, value: state.exact, exact: true };
  }

  function nearest(value) {
    const all = stops();
    const distance = (i) => Math.abs(all[i].value - value);
    return range(all.length).reduce((best, i) => (distance(i) < distance(best) ? i : best), 0);
  }

  function toOwn() {
    state.exact = null;
    state.targetMetric = content.target_metric;
    const own = stops().findIndex((stop) => stop.view === content.own);
    state.position = own >= 0 ? own : Math.floor(stops().length / 2);
  }

  // The target of one point: under the study's own targets each recipe may have another.
  const targetAt = (point, now) => (now.exact || now.view !== content.own ? now.value : content.own.targets[point.recipe]);

  function epochsAt(i, now) {
    const target = targetAt(content.points[i], now);
    if (target === null) return content.points[i].staircases[state.targetMetric].map(() => NaN);
    return epochs.ofPoint(content.points[i], state.targetMetric, target, falls());
  }

  // The cells that a target changes, as texts.
  function rowTexts(i, now) {
    if (!now.exact) return now.view.points[i].texts;
    const point = content.points[i];
    const numbers = rowNumbers(i, now);
    const time = (unit, value) => {
      if (value === null) return words.unknown;
      if (value < Infinity) return written[unit](value);
      return point.last_epoch === null ? words.unknown : `> ${written[unit](point.last_epoch * per(point, unit))}`;
    };
    const reached = point.out_of_memory ? now.view.points[i].texts[0] : `${numbers[0]}/${point.replicates}`;
    return [reached, ...Object.keys(words.units).map((unit, k) => time(unit, numbers[k + 1])), words.unknown, words.unknown];
  }

  // The same as numbers: null is not known, Infinity is not reached.
  function rowNumbers(i, now) {
    const point = content.points[i];
    const found = epochsAt(i, now);
    const median = epochs.median(found);
    const times = Object.keys(words.units).map((unit) =>
      Number.isNaN(median) || per(point, unit) === null ? null : median * per(point, unit),
    );
    const expected = now.exact ? [null, null] : now.view.points[i].expected;
    return [found.filter(Number.isFinite).length, ...times, ...expected];
  }

  // Sentences, whose bold parts stand between pairs of asterisks. Nothing in them is HTML.
  function tell(where, text) {
    const parts = text.split("**").map((part, index) => {
      if (index % 2 === 0) return document.createTextNode(part);
      const strong = document.createElement("strong");
      strong.textContent = part;
      return strong;
    });
    where.replaceChildren(...parts);
  }

  return {
    content, columns, words, say, state, fill, range, of, falls, number, count, written, targetText, per,
    stops, chosen, nearest, toOwn, targetAt, epochsAt, rowTexts, rowNumbers, tell,
  };
})();
