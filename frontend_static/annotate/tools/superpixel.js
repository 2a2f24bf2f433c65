/** Superpixel brush: sweeps up whole parts of one colour. */
import { t } from "../../shared/translate.js";
import { createSuperpixelPaper } from "../pixels/superpixel_paper.js";
import { sampleAt } from "./livewire.js";
import { drawCircle, drawGrid } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */

/** Superpixels are worked out again when the view has rested for so long. */
const REST_MS = 260;
/** They follow colours closely, yet stay compact enough to be swept up one by one. */
const COMPACTNESS = 10;

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool} */
export function createSuperpixelBrush(bench) {
  /** @type {ReturnType<typeof createSuperpixelPaper> | null} */
  let paper = null;
  /** @type {{start: Point, last: Point, erases: boolean} | null} */
  let sweep = null;
  let isInHand = false;
  let timer = 0;
  let laidOut = "";

  /** Find the superpixels of what is in view, unless they are known. */
  async function layOut() {
    const grid = bench.gridInView();
    const size = bench.settings.number("superpixel.size");
    const key = grid ? [...Object.values(grid), size].join() : "";
    if (!grid || !isInHand || sweep || key === laidOut) return;
    laidOut = key;
    bench.note(t("Looking for superpixels…"));
    const answer = await bench.ask("superpixels", { grid, size, compactness: COMPACTNESS }, { lane: "superpixels", needsPicture: true });
    if (!answer || key !== laidOut || !isInHand) return;
    paper = createSuperpixelPaper(answer, grid);
    bench.note(t("{n} superpixels", { n: answer.count }));
    bench.redraw();
  }

  function layOutSoon() {
    clearTimeout(timer);
    if (isInHand) timer = setTimeout(() => void layOut(), REST_MS);
  }

  /** @param {Point} from @param {Point} to */
  function sweepUp(from, to) {
    if (!paper) return;
    const { stride } = paper.grid;
    const radius = Math.max(0.5, bench.brushRadius() / stride);
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / (stride * Math.max(1, radius))));
    for (let k = 0; k <= steps; k++) {
      const point = /** @type {Point} */ ([from[0] + ((to[0] - from[0]) * k) / steps, from[1] + ((to[1] - from[1]) * k) / steps]);
      paper.chooseAround(...sampleAt(paper.grid, point), radius);
    }
  }

  function drop() {
    sweep = null;
    paper?.clear();
  }

  function leave() {
    isInHand = false;
    laidOut = "";
    paper = null;
    drop();
    clearTimeout(timer);
    bench.note("");
  }

  bench.settings.onChange(layOutSoon);
  return {
    id: "superpixel",
    label: t("Superpixel brush"),
    hint: t("Sweep over parts of one colour to paint them whole; Alt erases them"),
    keys: ["p"],
    icon: "M4 4h7v5l-3 3H4zM11 4h9v6h-6l-3-1zM4 12h4l3 3v5H4zM14 10h6v10h-9v-5z",
    cursor: "none",
    edits: true,
    paints: true,
    usesRadius: true,
    settings: [
      { id: "superpixel.size", kind: "range", label: t("Superpixels"), title: t("Side of one, in pixels of the screen"), start: 24, min: 8, max: 80, step: 1, text: (value) => `${value} px` },
    ],
    enter() {
      isInHand = true;
      void layOut();
    },
    leave,
    viewMoved: layOutSoon,
    down(point, event) {
      if (!paper) {
        bench.say(t("The superpixels are not ready yet."));
        return;
      }
      sweep = { start: point, last: point, erases: event.altKey };
      sweepUp(point, point);
    },
    move(point) {
      if (!sweep) return;
      sweepUp(sweep.last, point);
      sweep.last = point;
    },
    up() {
      if (!sweep || !paper) return;
      const { start, erases } = sweep;
      const mask = paper.mask();
      const { grid } = paper;
      drop();
      void bench.paintMask({ mask, grid, start, tool: erases ? "superpixel_erase" : "superpixel", erases }).then(layOutSoon);
    },
    isBusy: () => sweep !== null,
    cancel: drop,
    draw(pen, view) {
      if (paper) {
        drawGrid(pen, view, paper.borders, paper.grid);
        drawGrid(pen, view, paper.chosen, paper.grid);
      }
      if (view.cursor) drawCircle(pen, view.toDevice(view.cursor), bench.brushRadius() * view.scale);
    },
  };
}
