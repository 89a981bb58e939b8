// Picking an utterance: the list, its filters, and everything that follows from a choice.
function startExplorer(root, data) {
  const player = makePlayer(root), list = root.querySelector(".choices"), wave = root.querySelector(".wave");
  const state = { system: data.system, shown: new Set(data.tasks), filters: {}, cell: null, id: data.utterances[0].id };

  const current = () => data.utterances.find((one) => one.id === state.id);
  const predictions = () => current().systems[state.system];
  const inCell = (one) => !state.cell || (one.truth[state.cell.task][1] === state.cell.actual
    && one.systems[state.system][state.cell.task].class === state.cell.predicted);
  const fitting = () => data.utterances.filter((one) => inCell(one) && Object.entries(state.filters).every(([name, wanted]) => {
    if (!wanted) return true;
    return name === "speaker" ? one.speaker === wanted : isRight(one, state.system, name) === (wanted === "right");
  }));

  function choice(one) {
    const words = data.tasks.map((task) => `${spoken(task)} ${isRight(one, state.system, task) ? "right" : "wrong"}`).join(", ");
    const dots = data.tasks.map((task) => make("span", { class: `dot ${task} ${isRight(one, state.system, task) ? "right" : ""}` }));
    const button = make("button", { type: "button", class: "choice", "aria-current": String(one.id === state.id) },
      make("span", { class: "choice-id" }, make("span", { text: one.id }),
        make("span", { class: "dots", role: "img", "aria-label": words, title: words }, ...dots)),
      make("span", { class: "choice-reason", text: one.reason }));
    button.addEventListener("click", () => pick(one.id));
    return make("li", {}, button);
  }

  function showList() {
    const found = fitting();
    list.replaceChildren(...found.map(choice));
    root.querySelector(".empty").hidden = found.length > 0;
    const narrowed = root.querySelector(".narrowed"), cell = state.cell;
    narrowed.hidden = !cell;
    if (cell) {
      const names = data.classes[cell.task];
      narrowed.querySelector("span").textContent = `${capital(cell.task)}: rated ${names[cell.actual]}, predicted ${names[cell.predicted]}.`;
    }
  }

  function showPicture() {
    const shown = data.tasks.filter((task) => state.shown.has(task));
    drawWave(wave, current(), predictions(), shown, data);
    player.show();
    showDetail(root, current(), predictions(), data);
    const any = data.tasks.some((task) => predictions()[task]?.attention);
    root.querySelector(".toggles").hidden = !any;
  }

  // Within the list only: the page itself must not jump.
  function centre(item) {
    const box = list.getBoundingClientRect(), own = item.getBoundingClientRect();
    list.scrollBy({ left: own.left - box.left - (box.width - own.width) / 2, top: own.top - box.top - (box.height - own.height) / 2, behavior: "smooth" });
  }

  function pick(id) {
    state.id = id;
    for (const button of list.querySelectorAll(".choice")) {
      const own = button.querySelector(".choice-id span").textContent === id;
      button.setAttribute("aria-current", String(own));
      if (own) centre(button.parentElement);
    }
    player.load(current());
    showPicture();
  }

  function move(by) {
    const found = fitting(), place = found.findIndex((one) => one.id === state.id);
    if (found.length) pick(found[(place + by + found.length) % found.length].id);
  }

  function filterChanged(select) {
    state.filters[select.dataset.filter] = select.value;
    showList();
    const found = fitting();
    if (found.length && !found.includes(current())) pick(found[0].id);
  }

  for (const task of data.tasks) {
    const toggle = make("button", { type: "button", class: `toggle ${task}`, "aria-pressed": "true" }, make("span", { class: "swatch" }), spoken(task));
    toggle.addEventListener("click", () => {
      if (!state.shown.delete(task)) state.shown.add(task);
      toggle.setAttribute("aria-pressed", String(state.shown.has(task)));
      showPicture();
    });
    root.querySelector(".toggles").append(toggle);
  }
  const systems = root.querySelector("[data-choice=system]");
  systems.append(...data.systems.map((name) => make("option", { text: name })));
  systems.value = state.system;
  systems.addEventListener("change", () => { state.system = systems.value; showList(); showPicture(); });
  root.querySelector(".system-choice").hidden = data.systems.length < 2;
  for (const select of root.querySelectorAll("[data-filter]")) select.addEventListener("change", () => filterChanged(select));
  root.querySelector("[data-action=previous]").addEventListener("click", () => move(-1));
  root.querySelector("[data-action=next]").addEventListener("click", () => move(1));
  function reset() {
    state.filters = {};
    state.cell = null;
    root.querySelector(".filters").reset();
    showList();
  }

  // A cell of a confusion matrix or a point of a scatter plot, elsewhere on the page.
  function open({ system, task, actual, predicted, utterance }) {
    reset();
    state.system = systems.value = system;
    if (task) state.cell = { task, actual: Number(actual), predicted: Number(predicted) };
    showList();
    pick(utterance ?? fitting()[0].id);
    document.getElementById("listen").scrollIntoView();
    root.querySelector(".choice[aria-current=true]").focus({ preventScroll: true });
  }

  for (const button of root.querySelectorAll("[data-action=reset]")) button.addEventListener("click", reset);
  for (const opener of document.querySelectorAll(".opens")) {
    opener.addEventListener("click", () => open(opener.dataset));
    opener.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(opener.dataset);
    });
  }
  root.hidden = false;
  showList();
  pick(state.id);
}

const explorerData = JSON.parse(document.getElementById("explorer-data").textContent);
if (explorerData.utterances.length) startExplorer(document.getElementById("explorer"), explorerData);

// Paper cannot unfold: everything is open while printing.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
