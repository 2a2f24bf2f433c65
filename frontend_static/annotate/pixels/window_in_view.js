/** Which part of the picture, at which level, the tools that look at its colours work on: what is in view. */
import { toImage } from "../render/view.js";

/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/** @typedef {import("./crop.js").Piece} Piece */
/** @typedef {import("../panels/thumbnails.js").TileSource} TileSource */

/** More samples than this would take the worker longer than people wait. */
export const MOST_SAMPLES = 2 ** 21;

/**
 * @param {{width: number, height: number}} image @param {import("../render/view.js").View} view @param {number} scale window px per image px
 * @returns {Grid | null} one sample is about one window pixel, never less than an image pixel; null if no part of the image is in view
 */
export function gridInView(image, view, scale) {
  const corners = [[0, 0], [view.W, 0], [0, view.H], [view.W, view.H]].map(([X, Y]) => toImage(view, X, Y));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const level = Math.max(0, Math.round(Math.log2(1 / scale)));
  return gridOver(image, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], level);
}

/**
 * @param {{width: number, height: number}} image @param {[number, number, number, number]} box x0, y0, x1, y1 in image px, may reach beyond it
 * @param {number} level  a sample every 2^level px, or fewer if there would be too many
 * @returns {Grid | null}
 */
export function gridOver(image, [x0, y0, x1, y1], level) {
  for (let k = level; ; k++) {
    const stride = 2 ** k;
    const left = Math.floor(Math.max(0, x0) / stride);
    const top = Math.floor(Math.max(0, y0) / stride);
    const width = Math.ceil(Math.min(image.width, x1) / stride) - left;
    const height = Math.ceil(Math.min(image.height, y1) / stride) - top;
    if (width <= 0 || height <= 0) return null;
    if (width * height <= MOST_SAMPLES) return { x: left * stride, y: top * stride, stride, width, height };
  }
}

/**
 * The tiles of the pyramid that a crop is made of.
 * @param {TileSource} source @param {Grid} grid @returns {Piece[]}
 */
export function piecesOf({ levels, tileSize, overlap, urlOf }, { x, y, stride, width, height }) {
  const [left, top] = [x / stride, y / stride];
  /** @type {Piece[]} */
  const pieces = [];
  for (let ty = Math.floor(top / tileSize); ty * tileSize < top + height; ty++) {
    for (let tx = Math.floor(left / tileSize); tx * tileSize < left + width; tx++) {
      pieces.push({
        url: new URL(urlOf(levels - Math.log2(stride), tx, ty), location.href).href,
        left: tx * tileSize, top: ty * tileSize, width: tileSize, height: tileSize,
        trimX: tx > 0 ? overlap : 0, trimY: ty > 0 ? overlap : 0,
      });
    }
  }
  return pieces;
}
