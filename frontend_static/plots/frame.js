/** The ground a chart is drawn on: two axes with their marks, and the places of values between them. */
import { svg } from "./svg.js";
import { distinct, linear, ticks, ticksBetween } from "./scales.js";

/** @typedef {{from: number, to: number, marks: number[], format: (value: number) => string, name?: string, leaning?: number}} Axis
 *   leaning: height (px) of labels below that lean, since side by side they have no room */
/** @typedef {{width: number, height: number, left: number, right: number, top: number, bottom: number,
 *   x: (value: number) => number, y: (value: number) => number, ground: Node[]}} Frame left … bottom: edges of the area, px */

const HEIGHT = 250;
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 14, 12, 26];
const NAME_HEIGHT = 18;
const EDGE = 24;

/** From 0 up to a round number. @param {number} largest @param {(value: number) => string} format @param {string} [name] @returns {Axis} */
export function axisTo(largest, format, name) {
  const marks = ticks(largest);
  return { from: 0, to: marks[marks.length - 1], marks: distinct(marks, format), format, name };
}

/** Between round numbers around the values. @param {number} low @param {number} high @param {(value: number) => string} format @param {string} [name] @returns {Axis} */
export function axisBetween(low, high, format, name) {
  const marks = ticksBetween(low, high);
  return { from: marks[0], to: marks[marks.length - 1], marks: distinct(marks, format), format, name };
}

/** @param {{width: number, height?: number, left?: number}} size px @param {Axis} across @param {Axis} up @returns {Frame} */
export function frameOf({ width, height = HEIGHT, left = LEFT }, across, up) {
  const top = TOP + (up.name ? NAME_HEIGHT : 0);
  const bottom = height - (across.leaning ?? BOTTOM) - (across.name ? NAME_HEIGHT : 0);
  const right = width - RIGHT;
  const x = linear([across.from, across.to], [left, right]);
  const y = linear([up.from, up.to], [bottom, top]);
  const ground = [
    ...up.marks.flatMap((value) => [
      svg("line", { class: "chart-grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { class: "chart-label", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, up.format(value)),
    ]),
    ...across.marks.map((value) => svg("text", { class: "chart-label", ...(across.leaning ? leaningAt(x(value), bottom + 14) : { x: x(value), y: bottom + 19, "text-anchor": anchorAt(x(value), left, right) }) }, across.format(value))),
    ...(across.name ? [svg("text", { class: "chart-label chart-axis", x: right, y: height - 5, "text-anchor": "end" }, across.name)] : []),
    ...(up.name ? [svg("text", { class: "chart-label chart-axis", x: 2, y: TOP }, up.name)] : []),
  ];
  return { width, height, left, right, top, bottom, x, y, ground };
}

/** @param {number} x @param {number} y */
const leaningAt = (x, y) => ({ x, y, "text-anchor": "end", transform: `rotate(-40 ${x} ${y})` });

/** Labels at the ends stay inside. @param {number} at @param {number} left @param {number} right */
const anchorAt = (at, left, right) => (at < left + EDGE / 2 ? "start" : at > right - EDGE ? "end" : "middle");

/**
 * The drawing itself. @param {Frame} frame @param {string} label what a screen reader hears @param {...Node} marks
 */
export const drawing = ({ width, height, ground }, label, ...marks) =>
  svg("svg", { viewBox: `0 0 ${width} ${height}`, height, class: "chart-drawing", role: "img", "aria-label": label }, ...ground, ...marks);
