/** Live-wire: an outline that clings to edges of the picture between the places clicked. */
import { smoothWay, wayFrom } from "../pixels/livewire.js";
import { gridOver } from "../pixels/window_in_view.js";
import { t } from "../../shared/translate.js";
import { CLOSING_DISTANCE, fillOutline, isSubtracting, outlineMode } from "./lasso.js";
import { drawDot, drawPath } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */

/** Samples in each direction from the last place clicked within which ways are known. */
const REACH = 512;

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool} */
export function createLivewire(bench) {
  /** @type {{anchor: Point, way: Point[]}[]} the places clicked, each with the way that led to it */
  let steps = [];
  /** @type {{grid: Grid, ways: Uint8Array} | null} ways to the last anchor; null until the worker has answered */
  let known = null;
  /** @type {Point | null} */
  let cursor = null;
  let subtracts = false;
  let isStraight = false;

  /** Ask for the ways to the last anchor. */
  async function look() {
    known = null;
    const anchor = steps.at(-1)?.anchor;
    const view = bench.gridInView();
    if (!anchor || !view) return;
    const reach = REACH * view.stride;
    const grid = gridOver(bench.map, [anchor[0] - reach, anchor[1] - reach, anchor[0] + reach, anchor[1] + reach], Math.log2(view.stride));
    if (!grid) return;
    const [x, y] = sampleAt(grid, anchor);
    const answer = await bench.ask("livewire", { grid, x, y }, { lane: "livewire", needsPicture: true });
    if (!answer || steps.at(-1)?.anchor !== anchor) return;
    known = { grid, ways: answer.ways };
    bench.redraw();
  }

  /** The way from the last anchor, itself left out. @param {Point} point @returns {Point[]} */
  function wayTo(point) {
    if (!known || isStraight) return [point];
    const { grid, ways } = known;
    const [x, y] = sampleAt(grid, point);
    if (x < 0 || y < 0 || x >= grid.width || y >= grid.height) return [point];
    const way = smoothWay(wayFrom(ways, grid.width, x, y)).map(([i, j]) => /** @type {Point} */ ([grid.x + (i + 0.5) * grid.stride - 0.5, grid.y + (j + 0.5) * grid.stride - 0.5]));
    return way.length > 1 ? way.slice(1) : [point];
  }

  const outline = () => steps.flatMap(({ way }) => way);

  function reset() {
    steps = [];
    known = null;
    bench.note("");
  }

  function close() {
    if (steps.length === 0) return;
    const first = steps[0].anchor;
    const closed = [...outline(), ...wayTo(first)];
    reset();
    fillOutline(bench, closed, { subtracts, tool: "livewire" });
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
      isStraight = event.shiftKey;
      if (steps.length === 0) {
        subtracts = isSubtracting(bench, event);
        steps.push({ anchor: point, way: [point] });
      } else {
        const [first] = steps;
        const away = Math.hypot(first.anchor[0] - point[0], first.anchor[1] - point[1]) * bench.scale();
        if (steps.length > 1 && away < CLOSING_DISTANCE) return close();
        const way = wayTo(point);
        steps.push({ anchor: /** @type {Point} */ (way.at(-1)), way });
      }
      isStraight = false;
      void look();
    },
    move: (point) => (cursor = point),
    doubleClick: close,
    finish: close,
    isBusy: () => steps.length > 0,
    cancel: reset,
    leave: reset,
    stepBack() {
      steps.pop();
      if (steps.length > 0) void look();
      else reset();
    },
    draw(pen, { toDevice }) {
      if (steps.length === 0) return;
      const drawn = [...outline(), ...(cursor ? wayTo(cursor) : [])];
      drawPath(pen, drawn.map(toDevice), { closed: false, isLoss: subtracts });
      steps.forEach(({ anchor }, i) => drawDot(pen, toDevice(anchor), i === 0 ? 4.5 : 3));
    },
  };
}

/** @param {Grid} grid @param {Point} point @returns {[number, number]} the sample that stands for a point; may lie outside */
export const sampleAt = ({ x, y, stride }, point) => [Math.floor((point[0] + 0.5 - x) / stride), Math.floor((point[1] + 0.5 - y) / stride)];
