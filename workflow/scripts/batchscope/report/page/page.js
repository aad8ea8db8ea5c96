// The study page: says what follows from what is chosen, and listens.
"use strict";

(() => {
  const { content, say, state, fill, range, of, targetText, stops, chosen, nearest, toOwn, epochsAt, tell } = study;
  const element = (id) => document.getElementById(id);

  function sayAll(now) {
    const { overall, recipes } = now.view;
    const said = recipes[state.recipe];
    const several = content.recipes.length > 1;
    element("moved").hidden = now.view === content.own && !now.exact;
    element("overall").hidden = !overall;
    if (overall) tell(element("overall"), overall.headline);
    // What is said over all recipes is not said again of the same one.
    const again = overall?.recipe === state.recipe;
    element("of-recipe").hidden = !several || again;
    element("headline").hidden = again;
    element("of-recipe").textContent = `Of recipe ${state.recipe} alone:`;
    tell(element("headline"), said.headline);
    tell(element("law"), said.law);
    element("sentences").replaceChildren(
      ...(overall ? overall.sentences : said.sentences).map((sentence) => {
        const item = document.createElement("li");
        tell(item, sentence);
        return item;
      }),
    );
    element("between").hidden = !now.exact;
    if (now.exact) {
      const reached = of(state.recipe).filter((i) => Number.isFinite(epochs.median(epochsAt(i, now))));
      const sizes = reached.map((i) => content.points[i].batch_size).join(", ");
      element("status").textContent = fill(sizes ? say.half : say.nowhere, { target: targetText(now.value), sizes: `batch size ${sizes}` });
      element("between").textContent = fill(say.between, { nearest: said.target });
    } else {
      element("status").textContent = said.status;
    }
    const slider = element("target");
    slider.max = Math.max(stops().length - 1, 0);
    slider.value = state.position;
    slider.setAttribute("aria-valuetext", now.value === null ? "" : targetText(now.value));
    if (document.activeElement !== element("value")) element("value").value = now.value === null ? "" : Number(now.value.toPrecision(4));
    element("target-metric").value = state.targetMetric;
  }

  function update() {
    const now = chosen();
    sayAll(now);
    drawing.curves(now);
    times.draw(now);
    table.fillTable(now);
    rates.draw();
    drawing.read();
  }

  // Definitions on hover and focus.
  function showDefinitions() {
    const tip = element("tooltip");
    let term = null;
    const place = () => {
      if (!term) return;
      const box = term.getBoundingClientRect();
      tip.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - tip.offsetWidth - 8))}px`;
      const below = box.bottom + 6;
      const fits = below + tip.offsetHeight < window.innerHeight;
      tip.style.top = `${fits ? below : Math.max(8, box.top - tip.offsetHeight - 6)}px`;
    };
    const hide = () => {
      term = null;
      tip.hidden = true;
    };
    const show = (event) => {
      const found = event.target.closest?.("button[aria-describedby]");
      if (!found) return;
      term = found;
      tip.textContent = element(term.getAttribute("aria-describedby")).textContent;
      tip.hidden = false;
      place();
    };
    for (const name of ["pointerover", "focusin"]) document.addEventListener(name, show);
    document.addEventListener("focusout", hide);
    document.addEventListener("pointerout", ({ target }) => {
      if (term?.contains(target) && term !== document.activeElement) hide();
    });
    // The browser scrolls to what gets the focus.
    document.addEventListener("scroll", place, true);
    document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  }

  function options(id, values, label) {
    element(id).replaceChildren(...values.map((value) => new Option(label(value), value)));
  }

  function listen() {
    const on = (id, name, act) =>
      element(id).addEventListener(name, (event) => {
        act(event.target);
        update();
      });
    on("recipe", "change", ({ value }) => {
      const now = chosen();
      state.recipe = value;
      if (now.view === content.own && !now.exact) toOwn();
      else if (now.value !== null) state.position = nearest(now.value);
    });
    on("metric", "change", ({ value }) => (state.metric = value));
    on("target-metric", "change", ({ value }) => {
      state.exact = null;
      state.targetMetric = value;
      if (value === content.target_metric) toOwn();
      else state.position = Math.floor(stops().length / 2);
    });
    on("target", "input", ({ value }) => {
      state.exact = null;
      state.position = Number(value);
    });
    on("value", "input", ({ value, valueAsNumber }) => {
      if (value === "" || !Number.isFinite(valueAsNumber) || !stops().length) return;
      state.position = nearest(valueAsNumber);
      const exact = content.any_target && stops()[state.position].value !== valueAsNumber;
      state.exact = exact ? valueAsNumber : null;
    });
    on("own", "click", toOwn);
    for (const name of ["unit", "show"]) {
      for (const radio of document.getElementsByName(name)) {
        radio.addEventListener("change", () => {
          state[name] = radio.value;
          update();
        });
      }
    }
    element("read").addEventListener("input", drawing.read);
    element("all-recipes")?.addEventListener("change", ({ target }) => {
      state.allRecipes = target.checked;
      table.fillTable(chosen());
    });
    element("download").addEventListener("click", table.download);
  }

  // A colour per batch size, from dark to light; on a dark screen from a brighter dark. The colours
  // are those of matplotlib's "plasma", which keep their order for colour-blind readers.
  const PLASMA = [[13, 8, 135], [76, 2, 161], [126, 3, 168], [170, 35, 149], [204, 71, 120], [230, 108, 92], [248, 149, 64], [253, 197, 39], [240, 249, 33]];

  function colour(share) {
    const place = share * (PLASMA.length - 1);
    const [one, other] = [PLASMA[Math.floor(place)], PLASMA[Math.ceil(place)]];
    return `rgb(${one.map((value, k) => Math.round(value + (other[k] - value) * (place % 1)))})`;
  }

  function chooseColours() {
    const most = Math.max(...content.recipes.map((recipe) => of(recipe).length));
    const list = (from, to) =>
      range(most).map((i) => `--c${i}:${colour(from + ((to - from) * i) / Math.max(most - 1, 1))};`).join("");
    const style = document.createElement("style");
    style.textContent = `:root{${list(0, 0.72)}} @media screen and (prefers-color-scheme: dark) {:root{${list(0.35, 1)}}}`;
    document.head.append(style);
  }

  function start() {
    chooseColours();
    options("recipe", content.recipes, (name) => name);
    options("metric", Object.keys(content.metrics), (name) => content.metrics[name].name);
    options("target-metric", Object.keys(content.grids), (name) => content.metrics[name].name);
    element("recipe").value = state.recipe;
    element("metric").value = state.metric;
    // Where no point has a pace, there are no seconds to show.
    const timed = content.points.some((point) => point.seconds_per_epoch !== null);
    document.querySelector("input[name=unit][value=seconds]").parentElement.hidden = !timed;
    if (timed) state.unit = "seconds";
    document.querySelector(`input[name=unit][value=${state.unit}]`).checked = true;
    toOwn();
    element("target-section").querySelector(".controls").hidden = !stops().length;
    table.buildHead();
    showDefinitions();
    listen();
    update();
  }

  start();
})();
