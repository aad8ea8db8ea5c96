// The table of all numbers, and its download.
"use strict";

const table = (() => {
  const { content, columns, words, say, state, fill, range, of, per, chosen, targetAt, rowTexts, rowNumbers } = study;
  const element = (id) => document.getElementById(id);

  function allColumns() {
    const name = (label, get) => ({ label, term: label, text: (i) => String(get(content.points[i])), number: (i) => get(content.points[i]) });
    const moved = columns.map(({ label, term }, k) => ({
      label,
      term,
      text: (i, now) => rowTexts(i, now)[k],
      number: (i, now) => rowNumbers(i, now)[k],
    }));
    const fixed = content.fixed.map((label, k) => ({
      label,
      term: /^(best|final) /.test(label) ? label.split(" ")[0] : label,
      text: (i) => content.points[i].cells[k].text,
      number: (i) => content.points[i].cells[k].number,
    }));
    const named = [name("batch size", (point) => point.batch_size)];
    if (content.recipes.length > 1) named.push(name("recipe", (point) => point.recipe));
    // What is known of no point, under no target, has no column.
    const views = [content.own, ...Object.values(content.grids).flat()];
    const points = range(content.points.length);
    const known = ({ text }) => points.some((i) => views.some((view) => text(i, { view, exact: false }) !== words.unknown));
    return [...named, ...moved.filter(known), ...fixed.filter(known)];
  }

  const tableColumns = allColumns();

  function buildHead() {
    element("table").tHead.rows[0].replaceChildren(
      ...tableColumns.map(({ label, term }, index) => {
        const head = document.createElement("th");
        head.scope = "col";
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.setAttribute("aria-describedby", `term-${term.replaceAll(" ", "-")}`);
        button.addEventListener("click", () => {
          state.sort = { index, descending: state.sort.index === index && !state.sort.descending };
          fillTable(chosen());
          const { length } = element("table").tBodies[0].rows;
          const direction = state.sort.descending ? "largest first" : "smallest first";
          element("sorted").textContent = fill(say.rows, { rows: length, column: label, direction });
        });
        head.append(button);
        return head;
      }),
    );
  }

  function rowsShown(now) {
    const rows = state.allRecipes ? range(content.points.length) : of(state.recipe);
    const { index, descending } = state.sort;
    return sorting.sorted(rows, (i) => tableColumns[index].number(i, now), descending);
  }

  function fillTable(now) {
    const heads = element("table").tHead.rows[0].cells;
    for (const [index, head] of [...heads].entries()) {
      if (index === state.sort.index) head.setAttribute("aria-sort", state.sort.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    element("table").tBodies[0].replaceChildren(
      ...rowsShown(now).map((i) => {
        const row = document.createElement("tr");
        for (const [index, column] of tableColumns.entries()) {
          const cell = document.createElement(index ? "td" : "th");
          if (!index) cell.scope = "row";
          cell.textContent = column.text(i, now);
          row.append(cell);
        }
        return row;
      }),
    );
  }

  // As in summary.csv, with its names; of a target between two computed ones there are no limits.
  function download() {
    const now = chosen();
    const limits = (name) => [name, `${name}_low`, `${name}_high`];
    const fields = [
      "recipe", "batch_size", "target_metric", "target", "replicates", "target_reached",
      ...limits("target_epoch"), ...limits("target_updates"), ...limits("target_seconds"),
      "expected_seconds", "expected_examples", ...content.fixed,
    ];
    const rows = rowsShown(now).map((i) => {
      const point = content.points[i];
      const [reached, ...numbers] = rowNumbers(i, now).map((value) => (value === Infinity ? null : value));
      const moved = now.view.points[i];
      const bounds = (item, scale) =>
        item.slice(1).map((limit) => (now.exact || limit === null || limit === words.above ? null : limit * scale));
      return [
        point.recipe, point.batch_size, state.targetMetric, targetAt(point, now), point.replicates, reached,
        numbers[0], ...bounds(moved.epoch, 1), numbers[1], ...bounds(moved.epoch, point.updates_per_epoch),
        numbers[2], ...bounds(moved.seconds, 1), numbers[3], numbers[4], ...point.cells.map((cell) => cell.number),
      ];
    });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([sorting.csv(fields, rows)], { type: "text/csv" }));
    link.download = "study.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  return { buildHead, fillTable, download };
})();
