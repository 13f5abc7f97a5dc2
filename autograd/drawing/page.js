// The state of the page, which is all in the address after #, and what changes it.
const at = (id) => document.getElementById(id);
const NOTHING = { scene: 0, node: null, box: null, step: 0, overlay: "", entry: null, along: null };
let state = { ...NOTHING };
let drawn = -1;

function go(change) {
  if (change.node !== undefined && change.node !== null) change = { step: 0, box: null, ...change };
  if (change.step) change = { node: null, box: null, entry: null, ...change };
  const next = { ...state, ...change };
  if (change.scene === undefined && next.scene === state.scene) {
    const wanted = next.step ? DATA.steps[next.step - 1]?.node : next.node;
    if (wanted !== null && wanted !== undefined && !showing(next.scene).has(wanted)) next.scene = sceneDrawing(wanted); // a box was open, without it
  }
  state = next;
  writeAddress();
  show();
}

function show() {
  if (drawn !== state.scene) drawScene((drawn = state.scene));
  mark(state);
  showOverlay(state.overlay, state.step);
  showPanel(state);
  showEntry(state);
  const n = DATA.steps.length;
  if (playing && (state.step !== played || state.step >= n)) play(false); // something else was chosen, or all is shown
  at("slider").value = state.step;
  at("caption").textContent = at("caption").title = captionOf(state);
  at("back").disabled = at("first").disabled = !state.step;
  at("next").disabled = at("play").disabled = state.step >= n;
  at("scene").value = state.entry ? "entry" : state.scene;
  at("overlay").value = state.overlay;
  lookAt(state);
}

// Bring what is chosen, or fires, into view.
function lookAt({ step, node }) {
  const fires = DATA.steps[step - 1];
  if (fires) reveal(scene.where.get(fires.node), fires.sent.map((part) => scene.where.get(part.to)).filter((i) => i !== undefined));
  else if (node !== null) reveal(scene.where.get(node));
}

// The picture keeps its middle in a window that turns or grows.
let room = stage.getBoundingClientRect();
new ResizeObserver(() => {
  const now = stage.getBoundingClientRect();
  if (!now.height || canvas.hasAttribute("viewBox")) return; // hidden, or on paper
  if (room.height) {
    place.x += (now.width - room.width) / 2;
    place.y += (now.height - room.height) / 2;
    applyPlace();
  } else fit(READABLE);
  room = now;
  lookAt(state);
}).observe(stage);

// What is to be seen, in one sentence; a screen reader reads it whenever it changes.
function captionOf({ step, node, box }) {
  if (step) return sentenceOf(step);
  if (node !== null) return valueText(node);
  if (box !== null) return `${DATA.boxes[box].kind} ${DATA.boxes[box].name}`;
  return DATA.steps.length ? `reverse pass from ${DATA.output}, ${countText(DATA.steps.length)} ${DATA.steps.length === 1 ? "step" : "steps"}` : "no reverse pass";
}

function choose(item) {
  if (item.box === undefined) go({ node: state.node === item.node ? null : item.node, entry: null, step: 0 });
  else go({ box: item.box, node: null, step: 0, entry: null });
}

// #level=1&value=z1&step=3&overlay=gradient&along=theta1&entry=0,4
function writeAddress() {
  const parts = new URLSearchParams();
  if (state.scene) parts.set("level", state.scene);
  if (state.node !== null) parts.set("value", DATA.nodes[state.node].name);
  if (state.step) parts.set("step", state.step);
  if (state.overlay) parts.set("overlay", state.overlay);
  if (state.along !== null) parts.set("along", DATA.nodes[DATA.pushes[state.along].node].name);
  if (state.entry) parts.set("entry", state.entry.join(","));
  try {
    history.replaceState(null, "", `#${parts}`);
  } catch { /* a page embedded in another has no address of its own */ }
  if (parent !== window) parent.postMessage({ graph: `#${parts}` }, "*");
}

function readAddress(address = location.hash, level = 0) {
  const parts = new URLSearchParams(address.slice(1));
  const whole = (key, most) => Math.min(most, Math.max(0, Math.trunc(Number(parts.get(key))) || 0));
  const node = DATA.nodes.findIndex((one) => one.name === parts.get("value"));
  const overlay = parts.get("overlay") ?? "";
  const along = DATA.pushes.findIndex((push) => DATA.nodes[push.node].name === parts.get("along"));
  state = { ...NOTHING, along: along < 0 ? null : along, scene: parts.has("level") ? whole("level", DATA.scenes.length - 1) : level, step: whole("step", DATA.steps.length), node: node < 0 ? null : node,
    overlay: OVERLAYS[overlay] && overlayExists(overlay) ? overlay : "", entry: parts.has("entry") && node >= 0 ? parts.get("entry").split(",").map(Number) : null };
  show();
}

function search(words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return;
  const fields = [(n) => n.name, (n) => n.fun, (n) => n.call, (n) => n.kind, (n) => `${n.source} ${n.code}`];
  for (const same of [(t) => t === wanted, (t) => t.startsWith(wanted), (t) => t.includes(wanted)]) {
    for (const field of fields) {
      const hits = DATA.nodes.map((n, i) => i).filter((i) => same(String(field(DATA.nodes[i]) ?? "").toLowerCase()));
      if (hits.length) return go({ node: hits[(hits.indexOf(state.node) + 1) % hits.length], step: 0, entry: null });
    }
  }
  panel.replaceChildren(h("p", { "data-missing": words }, `Nothing is called “${words}”, made by it, or written on such a line.`));
}

let playing = null, played = 0;
function play(on) {
  clearInterval(playing);
  played = state.step;
  playing = on ? setInterval(() => go({ step: ++played }), 900) : null;
  at("play").textContent = on ? "Pause" : "Play";
}

function setLevel(value) {
  if (value !== "entry") return go({ scene: Number(value), entry: null });
  const node = state.node ?? DATA.steps[state.step - 1]?.node ?? DATA.nodes.findIndex((n) => n.fun === "matmul");
  const chosen = node < 0 ? DATA.nodes.length - 1 : node;
  go({ node: chosen, entry: entryToOpen(DATA.nodes[chosen]) });
}

const setTheme = (dark) => document.documentElement.classList.toggle("dark", dark);
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
setTheme(prefersDark.matches);
prefersDark.addEventListener("change", (event) => setTheme(event.matches));
at("theme").addEventListener("click", () => setTheme(!document.documentElement.classList.contains("dark")));
at("fit").addEventListener("click", () => fit());
let darkOnScreen = false;
window.addEventListener("beforeprint", () => {
  darkOnScreen = document.documentElement.classList.contains("dark");
  setTheme(false);
  const box = stage.getBoundingClientRect();
  canvas.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`); // what is on the screen, as wide as the paper
});
window.addEventListener("afterprint", () => {
  setTheme(darkOnScreen);
  canvas.removeAttribute("viewBox");
});
at("help").addEventListener("click", () => go({ node: null, box: null, step: 0, entry: null }));
at("first").addEventListener("click", () => go({ step: 0 }));
at("back").addEventListener("click", () => go({ step: Math.max(0, state.step - 1) }));
at("next").addEventListener("click", () => go({ step: Math.min(DATA.steps.length, state.step + 1) }));
at("play").addEventListener("click", () => play(!playing));
at("slider").max = DATA.steps.length;
at("slider").addEventListener("input", (event) => go({ step: Number(event.target.value) }));
at("search").addEventListener("keydown", (event) => event.key === "Enter" && search(event.target.value));
at("search").addEventListener("change", (event) => search(event.target.value));
at("names").append(...DATA.nodes.slice(0, 500).map((n) => h("option", { value: n.name })));
at("scene").append(...DATA.scenes.slice(0, 400).map((one, k) => h("option", { value: k }, (one.box === undefined ? "" : "▸ ") + one.title)), h("option", { value: "entry" }, "One entry"));
at("scene").addEventListener("change", (event) => setLevel(event.target.value));
at("overlay").append(h("option", { value: "" }, "No overlay"), ...Object.keys(OVERLAYS).filter(overlayExists).map((key) => h("option", { value: key }, OVERLAYS[key].title)));
at("overlay").addEventListener("change", (event) => go({ overlay: event.target.value }));
window.addEventListener("hashchange", () => readAddress());
window.addEventListener("message", ({ source, data }) => {
  if (source !== parent || source === window || typeof data?.graph !== "string") return;
  const parts = new URLSearchParams(data.graph.slice(1));
  parts.delete("level"); // levels are numbered by each page for itself
  readAddress(`#${parts}`, state.scene);
});
window.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=range]), select");
  if (event.key === "Escape") {
    event.target.blur();
    return go({ node: null, box: null, step: 0, entry: null });
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const last = DATA.steps.length, operations = DATA.scenes.findIndex((one) => one.title === "Operations" && one.box === undefined);
  const box = stage.getBoundingClientRect();
  const keys = {
    ArrowRight: () => go({ step: Math.min(last, state.step + 1) }), ArrowLeft: () => go({ step: Math.max(0, state.step - 1) }),
    Home: () => go({ step: 0 }), End: () => go({ step: last }), "/": () => at("search").focus(), 0: () => fit(),
    "+": () => zoomAt(box.width / 2, box.height / 2, 1.25), "-": () => zoomAt(box.width / 2, box.height / 2, 0.8),
    1: () => setLevel(0), 2: () => setLevel(Math.max(0, operations)), 3: () => setLevel("entry"), "?": () => at("help").click(),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
readAddress();
