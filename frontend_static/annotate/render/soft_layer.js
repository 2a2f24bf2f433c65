/**
 * The mask layer on the CPU: a buffer of numbers at screen resolution, then palette and outlines into one ImageData.
 * Outlines are found in screen space, so they keep their width at every zoom and rotation. While painting, only the
 * rectangle that changed is computed again.
 */
import { MASK, SHIFT } from "../../segmentation/tiles.js";
import { DIMMED, OUTSIDE, deviceBox, visibleTiles } from "./view.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").LayerOptions} LayerOptions */
/** @typedef {import("./levels.js").Rectangle} Rectangle */

const WHITE = 0xffffffff;
const BLACK = 0xff000000;
const HATCH_LINE = 0xd000d7ff;
const HATCH_GROUND = 0x58000000;
const BORDER_OF_VOID = 0xfff2f2f2;
/** Halo and outline reach this far beyond the pixels that changed. */
const REACH = 4;
/** Larger screens are drawn at half resolution while the view moves, and finely once it rests. */
const FINE_PIXELS = 4_500_000;
const REST_MS = 140;
const HOVER_ALPHA = 0.18;

/**
 * @param {HTMLCanvasElement} canvas @param {import("../../segmentation/label_map.js").LabelMap} map
 * @param {import("./levels.js").Levels} levels
 */
export function createSoftLayer(canvas, map, levels) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const fills = new Uint32Array(65536);
  const edges = new Uint32Array(65536);
  /** @type {Uint8Array} */
  let palette = new Uint8Array(65536 * 4);
  let image = new ImageData(1, 1);
  let out = new Uint32Array(image.data.buffer);
  let ids = new Uint16Array(1);
  let lastView = "";
  let lastOptions = "";
  let lastColours = "";
  let lastHover = 0;
  /** Device pixels per pixel of the buffers: 2 while a large view moves. */
  let coarseness = 1;
  /** @type {HTMLCanvasElement | null} */
  let small = null;
  let restTimer = 0;

  /** @param {Uint8Array} rgba 65536 × 4 @param {Iterable<number>} [numbers] those whose colours changed; all if left out */
  function setPalette(rgba, numbers) {
    palette = rgba;
    lastOptions = "";
    if (!numbers) lastColours = "";
    for (const i of numbers ?? fills.keys()) {
      edges[i] = i === 0 ? BORDER_OF_VOID : packed(rgba, i, 255, lighter);
      if (lastColours) fills[i] = fillOf(i);
    }
  }

  /** @type {LayerOptions | null} what `fills` was made for */
  let shown = null;

  /** @param {number} i */
  function fillOf(i) {
    if (!shown) return 0;
    const { fill, solo, hover, dim, selected } = shown;
    const isShown = i > 0 && i < OUTSIDE && palette[4 * i + 3] > 0 && (!solo || solo === i);
    const isFaded = dim && selected > 0 && selected !== i;
    const alpha = (isShown ? (isFaded ? fill * DIMMED : fill) : 0) + (i > 0 && i === hover ? HOVER_ALPHA : 0);
    return packed(palette, i, Math.round(255 * Math.min(1, alpha)), (value) => value);
  }

  /** @param {LayerOptions} options */
  function fillLut(options) {
    const { fill, solo, hover, dim, selected } = options;
    const key = [fill, solo, dim && selected].join();
    shown = { ...options };
    if (key !== lastColours) for (let i = 0; i < 65536; i++) fills[i] = fillOf(i);
    else if (hover !== lastHover) for (const i of [hover, lastHover]) fills[i] = fillOf(i);
    lastColours = key;
    lastHover = hover;
  }

  /** @param {View} view @param {LayerOptions} options */
  function draw(view, options) {
    const viewKey = Object.values(view).join();
    const moves = viewKey !== lastView && lastView !== "" && view.W * view.H > FINE_PIXELS;
    clearTimeout(restTimer);
    if (moves || (coarseness > 1 && viewKey === lastView)) {
      const again = { ...options };
      restTimer = setTimeout(() => drawFinely(view, again), REST_MS);
    }
    drawAt(moves || coarseness > 1 ? 2 : 1, view, viewKey, options);
  }

  /** @param {View} view @param {LayerOptions} options */
  function drawFinely(view, options) {
    lastView = "";
    drawAt(1, view, Object.values(view).join(), options);
  }

  /** @param {number} wanted coarseness @param {View} onScreen @param {string} viewKey @param {LayerOptions} options */
  function drawAt(wanted, onScreen, viewKey, options) {
    const view = wanted === 1 ? onScreen : shrunk(onScreen, wanted);
    const { W, H } = view;
    const rectangles = levels.flush();
    fillLut(options);
    const optionsKey = Object.values(options).join();
    const sameView = viewKey === lastView && wanted === coarseness;
    const sameOptions = optionsKey === lastOptions;
    coarseness = wanted;
    if (image.width !== W || image.height !== H) resize(W, H);
    lastView = viewKey;
    lastOptions = optionsKey;
    if (sameView && sameOptions) {
      for (const box of screenBoxes(view, rectangles)) {
        sampleIds(view, box);
        colour(view, options, box);
        put(box);
      }
      return;
    }
    /** @type {Rectangle} */
    const whole = [0, 0, W - 1, H - 1];
    if (!sameView || rectangles.length > 0) sampleIds(view, whole);
    colour(view, options, whole);
    put(whole);
  }

  /** @param {number} W @param {number} H */
  function resize(W, H) {
    image = new ImageData(W, H);
    out = new Uint32Array(image.data.buffer);
    ids = new Uint16Array(W * H);
  }

  /** @param {Rectangle} box */
  function put([x0, y0, x1, y1]) {
    if (coarseness === 1) {
      context.putImageData(image, 0, 0, x0, y0, x1 - x0 + 1, y1 - y0 + 1);
      return;
    }
    small ??= document.createElement("canvas");
    if (small.width !== image.width || small.height !== image.height) Object.assign(small, { width: image.width, height: image.height });
    small.getContext("2d")?.putImageData(image, 0, 0, x0, y0, x1 - x0 + 1, y1 - y0 + 1);
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(small, 0, 0, image.width * coarseness, image.height * coarseness);
  }

  /** @param {View} view @param {Rectangle} box */
  function sampleIds(view, box) {
    const { k } = visibleTiles(map, view, levels.deepest);
    if (Math.abs(view.b) < 1e-9 && Math.abs(view.c) < 1e-9) sampleUpright(view, k, box);
    else sampleRotated(view, k, box);
  }

  /** Without rotation a screen row crosses each tile in one interval. @param {View} view @param {number} k @param {Rectangle} box */
  function sampleUpright({ a, d, e, f, W }, k, [left, top, right, bottom]) {
    for (let Y = top; Y <= bottom; Y++) {
      const y = Math.floor((Y + 0.5 - f) / d);
      const line = Y * W;
      if (y < 0 || y >= map.height) {
        ids.fill(OUTSIDE, line + left, line + right + 1);
        continue;
      }
      const row = ((y >> k) & MASK) << SHIFT;
      for (let X = left; X <= right; ) {
        const x = (X + 0.5 - e) / a;
        if (x < 0 || x >= map.width) {
          const stop = x < 0 ? Math.min(right + 1, Math.max(X + 1, Math.ceil(e - 0.5))) : right + 1;
          ids.fill(OUTSIDE, line + X, line + stop);
          X = stop;
          continue;
        }
        const tx = Math.floor(x) >> (k + SHIFT);
        const tile = levels.get(k, tx, y >> (k + SHIFT));
        const end = Math.min(map.width, ((tx + 1) << SHIFT) << k);
        const stop = Math.min(right + 1, Math.max(X + 1, Math.ceil(a * end + e - 0.5)));
        if (!tile.pixels) ids.fill(tile.uni, line + X, line + stop);
        else {
          const { pixels } = tile;
          let at = x;
          for (let i = line + X; i < line + stop; i++, at += 1 / a) ids[i] = pixels[row | ((at >> k) & MASK)];
        }
        X = stop;
      }
    }
  }

  /** @param {View} view @param {number} k @param {Rectangle} box */
  function sampleRotated({ a, b, c, d, e, f, W }, k, [left, top, right, bottom]) {
    const determinant = a * d - b * c;
    const stepX = d / determinant;
    const stepY = -b / determinant;
    for (let Y = top; Y <= bottom; Y++) {
      let x = (d * (left + 0.5 - e) - c * (Y + 0.5 - f)) / determinant;
      let y = (a * (Y + 0.5 - f) - b * (left + 0.5 - e)) / determinant;
      let current = levels.get(k, 0, 0);
      for (let i = Y * W + left; i <= Y * W + right; i++, x += stepX, y += stepY) {
        if (x < 0 || y < 0 || x >= map.width || y >= map.height) {
          ids[i] = OUTSIDE;
          continue;
        }
        const sx = x >> k;
        const sy = y >> k;
        if (current.tx !== sx >> SHIFT || current.ty !== sy >> SHIFT) current = levels.get(k, sx >> SHIFT, sy >> SHIFT);
        ids[i] = current.pixels ? current.pixels[((sy & MASK) << SHIFT) | (sx & MASK)] : current.uni;
      }
    }
  }

  /** @param {View} view @param {LayerOptions} options @param {Rectangle} box */
  function colour({ W, H }, { outline, selected, solo, gaps, patterns }, [left, top, right, bottom]) {
    for (let Y = top; Y <= bottom; Y++) {
      const up = Y > 0 ? -W : 0;
      const down = Y < H - 1 ? W : 0;
      let i = Y * W + left;
      for (let X = left; X <= right; X++, i++) {
        const id = ids[i];
        const before = X > 0 ? ids[i - 1] : id;
        const after = X < W - 1 ? ids[i + 1] : id;
        const above = ids[i + up];
        const below = ids[i + down];
        let value = fills[id];
        if (patterns && id > 0 && id < OUTSIDE && value >>> 24 > 0 && isLine(id, X, Y)) value = edges[id];
        if (id === 0 && gaps) value = ((X + Y) & 15) < 5 ? HATCH_LINE : HATCH_GROUND;
        if (before !== id || after !== id || above !== id || below !== id) {
          const bordersSelected =
            selected > 0 && (id === selected || before === selected || after === selected || above === selected || below === selected);
          if (bordersSelected) value = WHITE;
          else if (outline && !solo) value = edges[id === OUTSIDE ? 0 : id];
        } else if (selected > 0 && X > 1 && Y > 1 && X < W - 2 && Y < H - 2) {
          const near =
            ids[i - 2] === selected || ids[i + 2] === selected || ids[i - 2 * W] === selected || ids[i + 2 * W] === selected;
          const far =
            ids[i - 2] !== selected || ids[i + 2] !== selected || ids[i - 2 * W] !== selected || ids[i + 2 * W] !== selected;
          if (id === selected && far) value = WHITE;
          else if (id !== selected && near) value = BLACK;
        }
        out[i] = value;
      }
    }
  }

  return {
    kind: "canvas2d",
    draw,
    setPalette,
    /** The number shown at a device pixel of the last frame. @param {number} X @param {number} Y */
    idAt: (X, Y) => ids[Math.floor(Y / coarseness) * image.width + Math.floor(X / coarseness)] ?? OUTSIDE,
    dispose: () => clearTimeout(restTimer),
  };
}

/** The same view on a canvas with fewer pixels. @param {View} view @param {number} by @returns {View} */
const shrunk = ({ a, b, c, d, e, f, W, H }, by) => ({
  a: a / by, b: b / by, c: c / by, d: d / by, e: e / by, f: f / by, W: Math.ceil(W / by), H: Math.ceil(H / by),
});

/** @param {View} view @param {Rectangle[]} rectangles @returns {Rectangle[]} one box that holds all that is on screen */
function screenBoxes(view, rectangles) {
  const found = rectangles.map((rectangle) => deviceBox(view, rectangle, REACH)).filter((box) => box !== null);
  if (found.length < 2) return found;
  return [found.reduce((p, q) => [Math.min(p[0], q[0]), Math.min(p[1], q[1]), Math.max(p[2], q[2]), Math.max(p[3], q[3])])];
}

/** Whether a pixel lies on the lines of an entity's pattern: falling, rising, level, or none. @param {number} id @param {number} X @param {number} Y */
function isLine(id, X, Y) {
  const kind = id & 3;
  return kind === 1 ? ((X + Y) & 7) === 0 : kind === 2 ? ((X - Y) & 7) === 0 : kind === 3 ? (Y & 7) === 0 : false;
}

/** @param {number} value 0..255 */
const lighter = (value) => Math.min(255, value * 0.75 + 64);

/** A palette entry as a little-endian RGBA pixel. @param {Uint8Array} rgba @param {number} i @param {number} alpha
 * @param {(value: number) => number} adjust */
const packed = (rgba, i, alpha, adjust) =>
  ((alpha << 24) | (adjust(rgba[4 * i + 2]) << 16) | (adjust(rgba[4 * i + 1]) << 8) | adjust(rgba[4 * i])) >>> 0;
