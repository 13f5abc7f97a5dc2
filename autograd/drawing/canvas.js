// The picture: one scene at a time, with pan, zoom, marks and overlays.
const canvas = document.getElementById("canvas"), world = document.getElementById("world"), stage = document.getElementById("stage");
const place = { x: 0, y: 0, zoom: 1 };
let scene = null, itemElements = [], edgeElements = [];

function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// Each kind has an outline of its own, within its place, so that colour only repeats what the shape says.
function outlineOf(kind, w, h) {
  const x = w / 2, y = h / 2;
  if (kind === "parameter") return `M${12 - x} ${-y}H${x - 12}L${x} 0 ${x - 12} ${y}H${12 - x}L${-x} 0Z`;
  if (kind === "input") return `M${-x} ${-y}H${x - 10}L${x} ${10 - y}V${y}H${-x}ZM${x - 10} ${-y}V${10 - y}H${x}`;
  if (kind === "output") {
    const octagon = (x, y, c) => `M${c - x} ${-y}H${x - c}L${x} ${c - y}V${y - c}L${x - c} ${y}H${c - x}L${-x} ${y - c}V${c - y}Z`;
    return octagon(x, y, 10) + octagon(x - 3, y - 3, 9);
  }
  if (kind === "gradient") return `M${-x} ${-y}H${x - 10}L${x} 0 ${x - 10} ${y}H${-x}Z`;
  if (kind === "box") return `M${-x} ${4 - y}H${x - 4}V${y}H${-x}ZM${4 - x} ${4 - y}v-4H${x}V${y - 4}h-4`;
  if (kind === "operation") {
    return `M${8 - x} ${-y}H${x - 8}q8 0 8 8V${y - 8}q0 8-8 8H${8 - x}q-8 0-8-8V${8 - y}q0-8 8-8Z`;
  }
  return `M${-x} ${-y}H${x}V${y}H${-x}Z`;
}

// For scene k: which of its items shows each value, itself or the box it lies in.
function showing(k) {
  const found = DATA.scenes[k];
  if (!found.where) {
    found.where = new Map();
    found.items.forEach((item, i) => {
      const stack = [item.box === undefined ? item.node : { box: item.box }];
      while (stack.length) {
        const member = stack.pop();
        if (typeof member === "number") found.where.set(member, i);
        else stack.push(...DATA.boxes[member.box].members);
      }
    });
  }
  return found.where;
}

const kindOf = (item) => (item.box === undefined ? DATA.nodes[item.node].kind : "box");

function drawScene(k) {
  scene = DATA.scenes[k];
  showing(k);
  world.replaceChildren();
  const names = drawFrames();
  edgeElements = scene.edges.map((edge) => {
    const [x, y, ...rest] = edge.path;
    const path = s("path", { class: `edge ${edge.kind}`, d: `M${x} ${y}C${rest.join(" ")}`, "marker-end": "url(#arrow)" });
    const from = scene.items[edge.from];
    path.append(s("title", {}, from.node === undefined ? from.top : `${DATA.nodes[from.node].name}: ${shapeText(DATA.nodes[from.node].shape)}`));
    world.append(path);
    return path;
  });
  world.append(...names); // above the arrows
  itemElements = scene.items.map((item, i) => {
    const [x, y, w, height] = item.at, kind = kindOf(item);
    const name = item.box === undefined ? DATA.nodes[item.node].name : item.top;
    const element = s("g", {
      class: `node ${kind}${item.outside ? " outside" : ""}`, transform: `translate(${x} ${y})`, tabindex: 0, role: "button",
      "data-name": name, "aria-label": item.box === undefined ? valueText(item.node) : `box ${item.top}, ${item.below}`,
    },
    s("rect", { class: "ring", x: -w / 2 - 4, y: -height / 2 - 4, width: w + 8, height: height + 8, rx: 9 }),
    s("path", { class: "shape", d: outlineOf(kind, w, height) }),
    s("text", { y: -3 }, item.top), s("text", { class: "below", y: 13 }, item.below),
    s("text", { class: "measure", y: height / 2 + 14 }), s("text", { class: "mark", x: w / 2 - 4, y: -height / 2 + 2 }));
    element.addEventListener("click", () => choose(item));
    element.addEventListener("dblclick", () => item.box !== undefined && go({ scene: sceneOfBox(item.box) }));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(item);
    });
    element.addEventListener("focus", () => {
      stage.scrollTo(0, 0); // browsers scroll to what has the focus, here the picture moves
      reveal(i);
    });
    world.append(element);
    return element;
  });
  itemElements.forEach((element, i) => squeeze(element, scene.items[i].at[2] - (kindOf(scene.items[i]) === "parameter" ? 18 : 10)));
  fit(READABLE);
}

// Widths were guessed without the reader's font: text that is wider gives way, not its node.
function squeeze(element, room) {
  for (const line of element.querySelectorAll("text:not(.measure, .mark)")) {
    if (line.getComputedTextLength() <= room) continue;
    line.setAttribute("textLength", room);
    line.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

// Frames come outer ones first; an outer one leaves room for those inside it. Gives their names.
function drawFrames() {
  const drawn = [], names = [];
  for (const frame of [...scene.frames].reverse()) {
    const sides = frame.items.map((i) => scene.items[i].at).map(([x, y, w, h]) => [x - w / 2, y - h / 2, x + w / 2, y + h / 2]);
    for (const [inner, rect] of drawn) if (inner.items.every((i) => frame.items.includes(i))) sides.push([rect[0], rect[1] - 8, rect[2], rect[3]]);
    const edge = (f, k, pad) => Math[f](...sides.map((side) => side[k])) + pad;
    const rect = [edge("min", 0, -9), edge("min", 1, -9), edge("max", 2, 9), edge("max", 3, 9)];
    drawn.push([frame, rect]);
    world.prepend(s("rect", { class: "frame", x: rect[0], y: rect[1], width: rect[2] - rect[0], height: rect[3] - rect[1], rx: 8 }));
    names.push(s("text", { class: "frame-name", x: rect[0] + 6, y: rect[1] - 3 }, DATA.boxes[frame.box].name));
  }
  return names;
}

// The first scene that draws a value by itself, not in a box.
const sceneDrawing = (node) => DATA.scenes.findIndex((one) => one.items.some((item) => item.node === node && !item.outside));
const sceneOfBox = (box) => DATA.scenes.findIndex((one) => one.box === box);

// Everything the value was computed from, and everything computed from it.
const related = (node) => new Set([...reach(node, parentsOf), ...reach(node, users)]);

// A value, and all that one gets to from it by steps of `next`.
function reach(node, next) {
  const found = new Set([node]); // grows while it is gone through
  for (const one of found) next(one).forEach((other) => found.add(other));
  return found;
}

const parentsOf = (node) => (DATA.nodes[node].args ?? []).filter((a) => a?.node !== undefined).map((a) => a.node);

let usersTable = null;
function users(node) {
  if (!usersTable) {
    usersTable = DATA.nodes.map(() => []);
    DATA.nodes.forEach((_, i) => new Set(parentsOf(i)).forEach((parent) => usersTable[parent].push(i)));
  }
  return usersTable[node];
}

// Rings, dimming and carried edges for the state of the page.
function mark(state) {
  const where = scene.where, step = DATA.steps[state.step - 1];
  const kin = state.node === null || step ? null : new Set([...related(state.node)].map((n) => where.get(n)));
  world.classList.toggle("dim", kin !== null && where.has(state.node));
  const firing = step ? where.get(step.node) : undefined;
  const receiving = new Set(step ? step.sent.map((part) => where.get(part.to)) : []);
  const fired = new Set(DATA.steps.slice(0, state.step).map((one) => where.get(one.node)));
  itemElements.forEach((element, i) => {
    element.classList.toggle("related", kin !== null && kin.has(i));
    const chosen = state.node === null ? state.box !== null && scene.items[i].box === state.box : where.get(state.node) === i;
    element.classList.toggle("chosen", chosen);
    element.setAttribute("aria-pressed", chosen);
    element.classList.toggle("firing", firing === i);
    element.classList.toggle("receiving", receiving.has(i) && firing !== i);
    element.querySelector(".mark").textContent = firing === i ? "●" : fired.has(i) ? "✓" : "";
  });
  drawJumps(firing, receiving);
  scene.edges.forEach((edge, i) => {
    const carrying = step && edge.to === firing && receiving.has(edge.from) && edge.kind === "forward";
    const element = edgeElements[i];
    element.classList.toggle("related", kin !== null && kin.has(edge.from) && kin.has(edge.to));
    element.classList.toggle("carrying", Boolean(carrying));
    element.setAttribute("marker-start", carrying ? "url(#carried)" : "none");
    element.setAttribute("marker-end", carrying ? "url(#tail)" : "url(#arrow)");
  });
}

// A stable form steps over values, so what it sends goes along no edge of the picture: it gets a dashed one.
function drawJumps(firing, receiving) {
  for (const old of world.querySelectorAll(".jump")) old.remove();
  for (const i of firing === undefined ? [] : receiving) {
    if (i === undefined || i === firing || scene.edges.some((edge) => edge.from === i && edge.to === firing)) continue;
    const [x, y, w] = scene.items[firing].at, [u, v, wide] = scene.items[i].at, side = x + w / 2 > u + wide / 2 ? 1 : -1;
    const from = x + (side * w) / 2, to = u + (side * wide) / 2, far = side * Math.max(side * from, side * to) + side * 46;
    world.append(s("path", { class: "edge jump carrying", d: `M${from} ${y}C${far} ${y} ${far} ${v} ${to} ${v}`, "marker-end": "url(#carried)", "stroke-dasharray": "7 4" }));
  }
}

// Pan and zoom
const READABLE = 0.72; // a scene opens no smaller

function applyPlace() {
  world.setAttribute("transform", `translate(${place.x} ${place.y}) scale(${place.zoom})`);
}

function fit(least = 0) {
  const box = stage.getBoundingClientRect(), [w, height] = scene.size;
  const whole = Math.min((box.width - 40) / w, (box.height - 48) / height, 1.5);
  place.zoom = Math.max(whole, least);
  place.x = (box.width - w * place.zoom) / 2;
  place.y = Math.max(24, (box.height - height * place.zoom) / 2);
  applyPlace();
}

function zoomAt(x, y, factor) {
  const zoom = Math.min(4, Math.max(0.04, place.zoom * factor));
  place.x = x - ((x - place.x) * zoom) / place.zoom;
  place.y = y - ((y - place.y) * zoom) / place.zoom;
  place.zoom = zoom;
  applyPlace();
}

// Bring an item into view if a part of it is outside, and the others with it where there is room.
function reveal(first, others = []) {
  if (first === undefined) return;
  const box = stage.getBoundingClientRect(), ring = 8;
  for (const [axis, to, room] of [[0, "x", box.width], [1, "y", box.height]]) {
    const ends = (i) => [-1, 1].map((side) => scene.items[i].at[axis] + side * (scene.items[i].at[axis + 2] / 2 + ring));
    const span = (items) => [Math.min(...items.flatMap(ends)), Math.max(...items.flatMap(ends))].map((end) => end * place.zoom + place[to]);
    let [low, high] = span([first, ...others]);
    if (high - low > room) [low, high] = span([first]);
    if (low < 0 || high > room) place[to] += (room - low - high) / 2;
  }
  applyPlace();
}

const fingers = new Map();
canvas.addEventListener("pointerdown", (event) => fingers.set(event.pointerId, [event.clientX, event.clientY]));
canvas.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = [event.clientX, event.clientY];
  if (!canvas.classList.contains("moving")) {
    if (Math.hypot(now[0] - before[0], now[1] - before[1]) < 4) return; // a click that trembles
    canvas.classList.add("moving");
    canvas.setPointerCapture(event.pointerId);
  }
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  if (others.length) {
    const box = canvas.getBoundingClientRect(), [x, y] = others[0];
    const apart = (p) => Math.hypot(p[0] - x, p[1] - y);
    zoomAt((now[0] + x) / 2 - box.left, (now[1] + y) / 2 - box.top, apart(now) / (apart(before) || 1));
  } else {
    place.x += now[0] - before[0];
    place.y += now[1] - before[1];
    applyPlace();
  }
  fingers.set(event.pointerId, now);
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    if (!fingers.size) canvas.classList.remove("moving");
  });
}
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  zoomAt(event.clientX - box.left, event.clientY - box.top, Math.exp(-event.deltaY * 0.0015));
}, { passive: false });
