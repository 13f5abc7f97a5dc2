// Draw a digit: strokes are brought to the size, place and width that the data's digits have, and go through the network.
function forward(image) {
  const activations = [image];
  for (const layer of DATA.layers) {
    const theta = held(layer.theta), b = held(layer.b), before = activations.at(-1), out = new Float64Array(b.length);
    for (let j = 0; j < b.length; j++) {
      let z = b[j];
      for (let i = 0; i < before.length; i++) z += before[i] * theta[i * b.length + j];
      out[j] = 1 / (1 + Math.exp(-z));
    }
    activations.push(out);
  }
  return activations;
}

// The strokes as side x side grey values.
function toImage(strokes) {
  const { side, long, centre, width, dark } = DATA.shape, image = new Float64Array(side * side);
  const [x, y] = turned ? [DATA.shape.y, DATA.shape.x] : [DATA.shape.x, DATA.shape.y];
  const points = strokes.flat();
  if (!points.length) return image;
  const low = [0, 1].map((k) => Math.min(...points.map((p) => p[k]))), high = [0, 1].map((k) => Math.max(...points.map((p) => p[k])));
  const size = Math.max(high[0] - low[0], high[1] - low[1]);
  const scale = size > 0 ? Math.max(0.1, long - width) / size : 1;
  const middle = [0, 1].map((k) => (low[k] + high[k]) / 2);
  let shift = [x, y];
  // Twice: the second time moved so that the centre of mass lies where the data has it.
  for (let pass = 0; pass < (centre === "mass" ? 2 : 1); pass++) {
    rasterize(image, strokes.map((stroke) => stroke.map((p) => [0, 1].map((k) => (p[k] - middle[k]) * scale + shift[k]))), side, width);
    let mass = 0, mx = 0, my = 0;
    image.forEach((v, i) => { mass += v; mx += v * ((i % side) + 0.5); my += v * (Math.floor(i / side) + 0.5); });
    if (mass) shift = [shift[0] + x - mx / mass, shift[1] + y - my / mass];
  }
  const ordered = image.map((_, i) => image[at(i % side, Math.floor(i / side))]);
  return dark ? ordered.map((v) => 1 - v) : ordered;
}

function rasterize(image, strokes, side, width) {
  const fine = 8, board = document.createElement("canvas");
  board.width = board.height = side * fine;
  const pen = board.getContext("2d", { willReadFrequently: true });
  pen.scale(fine, fine);
  pen.lineWidth = width;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    for (const point of stroke.length > 1 ? stroke.slice(1) : [[stroke[0][0] + 0.01, stroke[0][1]]]) pen.lineTo(...point);
    pen.stroke();
  }
  const pixels = pen.getImageData(0, 0, side * fine, side * fine).data;
  image.fill(0);
  for (let v = 0; v < side * fine; v++) {
    for (let u = 0; u < side * fine; u++) image[Math.floor(v / fine) * side + Math.floor(u / fine)] += pixels[4 * (v * side * fine + u) + 3] / (255 * fine * fine);
  }
}

function sketchPad(show) {
  const board = h("canvas", { id: "sketch", width: 280, height: 280, role: "img", "aria-label": "Draw a digit here with mouse, pen or finger" });
  const pen = board.getContext("2d");
  let strokes = [], current = null;
  const redraw = () => {
    pen.clearRect(0, 0, 280, 280);
    pen.strokeStyle = "#fff";
    pen.lineWidth = 20;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke : [[stroke[0][0] + 0.1, stroke[0][1]]]) pen.lineTo(...point);
      pen.stroke();
    }
    show(strokes.length ? toImage(strokes) : null);
  };
  const where = (event) => {
    const box = board.getBoundingClientRect();
    return [((event.clientX - box.left) * 280) / box.width, ((event.clientY - box.top) * 280) / box.height];
  };
  board.addEventListener("pointerdown", (event) => {
    board.setPointerCapture(event.pointerId);
    strokes.push((current = [where(event)]));
    redraw();
  });
  board.addEventListener("pointermove", (event) => {
    if (!current) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    current.push(...(coalesced.length ? coalesced : [event]).map(where));
    redraw();
  });
  for (const end of ["pointerup", "pointercancel"]) board.addEventListener(end, () => (current = null));
  const clear = () => { strokes = []; redraw(); };
  const undo = () => { strokes.pop(); redraw(); };
  return { board, clear, undo };
}
