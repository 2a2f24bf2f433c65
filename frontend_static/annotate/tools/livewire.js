/** Live-wire: an outline that clings to edges of the picture between the places clicked. */
import { smoothWay, wayFrom } from "../pixels/livewire.js";
import { gridOver } from "../pixels/window_in_view.js";
import { t } from "../../shared/translate.js";
import { CLOSING_DISTANCE, fillOutline, isSubtracting, outlineMode } from "./lasso.js";
import { drawDot, drawPath } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/** @typedef {{grid: Grid, ways: Uint8Array}} Ways */
/**
 * A place clicked.
 * @typedef {object} Step
 * @property {Point} anchor  moved to the edge nearby once the worker has looked
 * @property {Point[]} way  that led to it
 * @property {boolean} isStraight  as clicked, neither way nor place moved to an edge
 * @property {Ways | null} ways  that lead to it; null until the worker has looked
 */

/** Samples in each direction from the last place clicked within which ways are known. */
const REACH = 512;
/** Samples within which a place clicked is moved to the strongest edge. */
const SNAP = 7;

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool} */
export function createLivewire(bench) {
  /** @type {Step[]} */
  let steps = [];
  /** @type {Point | null} */
  let cursor = null;
  let subtracts = false;
  let closesWhenKnown = false;

  /** Ask for the ways to a place clicked. @param {Step} step */
  async function look(step) {
    const view = bench.gridInView();
    const reach = REACH * (view?.stride ?? 1);
    const [x, y] = step.anchor;
    const grid = view && gridOver(bench.map, [x - reach, y - reach, x + reach, y + reach], Math.log2(view.stride));
    if (!grid) return;
    const [i, j] = sampleAt(grid, step.anchor);
    const answer = await bench.ask("livewire", { grid, x: i, y: j, snap: step.isStraight ? 0 : SNAP }, { needsPicture: true });
    const at = steps.indexOf(step);
    if (at < 0) return;
    step.ways = answer ? { grid, ways: answer.ways } : { grid, ways: new Uint8Array(0) };
    if (answer && !step.isStraight) step.anchor = pointAt(grid, answer.x, answer.y);
    follow(at);
    follow(at + 1);
    if (closesWhenKnown) close();
    bench.redraw();
  }

  /** Lead the way to a step along the picture's edges, if they are known. @param {number} at */
  function follow(at) {
    const step = steps[at];
    if (!step || step.isStraight) return;
    const before = steps[at - 1]?.ways;
    step.way = before ? wayIn(before, step.anchor) : [step.anchor];
  }

  const outline = () => steps.flatMap(({ way }) => way);

  function reset() {
    steps = [];
    closesWhenKnown = false;
  }

  /** Close the outline; if ways are still being looked for, as soon as they are found. */
  function close() {
    if (steps.length === 0) return;
    closesWhenKnown = true;
    if (steps.some(({ ways }) => ways === null)) return;
    const last = /** @type {Ways} */ (steps[steps.length - 1].ways);
    const closed = [...outline(), ...wayIn(last, steps[0].anchor)];
    reset();
    fillOutline(bench, closed, { subtracts, tool: "livewire" });
  }

  /** The way from the last place clicked to the cursor. */
  function loose() {
    const last = steps[steps.length - 1];
    if (!cursor || closesWhenKnown) return [];
    return last.ways ? wayIn(last.ways, cursor) : [cursor];
  }

  return {
    id: "livewire",
    label: t("Live-wire"),
    hint: t("Click along an edge: the outline clings to it. Shift+click: straight. Enter or double-click closes, Backspace takes one back"),
    keys: ["shift+l"],
    icon: "M6 3v6a6 6 0 0 0 12 0V3M6 6h3M15 6h3M6 3h3M15 3h3M9 3v6a3 3 0 0 0 6 0V3M12 18v3",
    cursor: "crosshair",
    edits: true,
    paints: true,
    erases: true,
    settings: [outlineMode()],
    down(point, event) {
      if (closesWhenKnown) return;
      if (steps.length === 0) subtracts = isSubtracting(bench, event);
      const [first] = steps;
      const closes = steps.length > 1 && Math.hypot(first.anchor[0] - point[0], first.anchor[1] - point[1]) * bench.scale() < CLOSING_DISTANCE;
      if (closes) {
        close();
        return;
      }
      /** @type {Step} */
      const step = { anchor: point, way: [point], isStraight: event.shiftKey, ways: null };
      steps.push(step);
      follow(steps.length - 1);
      void look(step);
    },
    move: (point) => (cursor = point),
    doubleClick: close,
    finish: close,
    isBusy: () => steps.length > 0,
    cancel: reset,
    leave: reset,
    stepBack: () => steps.pop(),
    draw(pen, { toDevice }) {
      if (steps.length === 0) return;
      drawPath(pen, [...outline(), ...loose()].map(toDevice), { closed: false, isLoss: subtracts });
      steps.forEach(({ anchor }, i) => drawDot(pen, toDevice(anchor), i === 0 ? 4.5 : 3));
    },
  };
}

/** The way to a point, its beginning left out; straight where none is known. @param {Ways} ways @param {Point} point @returns {Point[]} */
function wayIn({ grid, ways }, point) {
  const [x, y] = sampleAt(grid, point);
  if (x < 0 || y < 0 || x >= grid.width || y >= grid.height) return [point];
  const way = smoothWay(wayFrom(ways, grid.width, x, y)).map(([i, j]) => pointAt(grid, i, j));
  return way.length > 1 ? way.slice(1) : [point];
}

/** @param {Grid} grid @param {Point} point @returns {[number, number]} the sample that stands for a point; may lie outside */
export const sampleAt = ({ x, y, stride }, point) => [Math.floor((point[0] + 0.5 - x) / stride), Math.floor((point[1] + 0.5 - y) / stride)];

/** @param {Grid} grid @param {number} i @param {number} j @returns {Point} the middle of what a sample stands for */
const pointAt = ({ x, y, stride }, i, j) => [x + (i + 0.5) * stride - 0.5, y + (j + 0.5) * stride - 0.5];
