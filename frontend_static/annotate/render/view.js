/** The view as one affine map from image pixels to device pixels, and what it shows. */
import { TILE } from "../../segmentation/tiles.js";

/**
 * X = a·x + c·y + e, Y = b·x + d·y + f; the canvas is W × H device pixels.
 * @typedef {{a: number, b: number, c: number, d: number, e: number, f: number, W: number, H: number}} View
 */
/**
 * What the mask layer shows.
 * @typedef {object} LayerOptions
 * @property {number} fill  opacity of the fill, 0..1
 * @property {boolean} outline
 * @property {number} selected  number with a halo, 0 for none
 * @property {number} hover
 * @property {number} solo  the only number shown, 0 for all
 * @property {boolean} dim  fade every entity but the selected one
 * @property {boolean} gaps  hatch the pixels without entity
 * @property {boolean} patterns  lines of four kinds over the fills, so that colour is not alone
 */

/** How much of its fill a faded entity keeps. */
export const DIMMED = 0.35;

/** Where pixels outside the image are marked in an id buffer. */
export const OUTSIDE = 65535;

/** @param {View} view @param {number} X @param {number} Y @returns {[number, number]} image pixels */
export function toImage({ a, b, c, d, e, f }, X, Y) {
  const determinant = a * d - b * c;
  return [(d * (X - e) - c * (Y - f)) / determinant, (a * (Y - f) - b * (X - e)) / determinant];
}

/** @param {View} view @param {number} x @param {number} y @returns {[number, number]} device pixels */
export const toDevice = ({ a, b, c, d, e, f }, x, y) => [a * x + c * y + e, b * x + d * y + f];

/** Device pixels per image pixel. @param {View} view */
export const scaleOf = ({ a, b }) => Math.hypot(a, b);

/**
 * The box, in device pixels, of a rectangle of the image, grown by a margin and clipped to the canvas.
 * @param {View} view @param {import("./levels.js").Rectangle} rectangle both ends inside @param {number} margin
 * @returns {import("./levels.js").Rectangle | null} null if it is not on screen
 */
export function deviceBox(view, [x0, y0, x1, y1], margin) {
  const corners = [[x0, y0], [x1 + 1, y0], [x0, y1 + 1], [x1 + 1, y1 + 1]].map(([x, y]) => toDevice(view, x, y));
  const xs = corners.map(([X]) => X);
  const ys = corners.map(([, Y]) => Y);
  const left = Math.max(0, Math.floor(Math.min(...xs)) - margin);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - margin);
  const right = Math.min(view.W - 1, Math.ceil(Math.max(...xs)) + margin);
  const bottom = Math.min(view.H - 1, Math.ceil(Math.max(...ys)) + margin);
  return right < left || bottom < top ? null : [left, top, right, bottom];
}

/**
 * The level whose samples are nearest to device pixels, and its tiles in view.
 * @param {{width: number, height: number}} map @param {View} view @param {number} deepest
 * @returns {{k: number, tiles: [number, number][]}}
 */
export function visibleTiles(map, view, deepest) {
  const k = Math.max(0, Math.min(deepest, Math.floor(Math.log2(1 / scaleOf(view)) + 0.001)));
  const corners = [[0, 0], [view.W, 0], [0, view.H], [view.W, view.H]].map(([X, Y]) => toImage(view, X, Y));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const side = TILE << k;
  const right = Math.min(Math.ceil(map.width / side) - 1, Math.floor(Math.max(...xs) / side));
  const bottom = Math.min(Math.ceil(map.height / side) - 1, Math.floor(Math.max(...ys) / side));
  /** @type {[number, number][]} */
  const tiles = [];
  for (let ty = Math.max(0, Math.floor(Math.min(...ys) / side)); ty <= bottom; ty++) {
    for (let tx = Math.max(0, Math.floor(Math.min(...xs) / side)); tx <= right; tx++) tiles.push([tx, ty]);
  }
  return { k, tiles };
}
