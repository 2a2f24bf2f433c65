/** Adjusting an entity's shape: smooth, grow, shrink, fill holes, snap to the picture's edges; shown before it is done. */
import { allowFor } from "../paint_modes.js";
import { MAX_REFINE_RADIUS } from "../../segmentation/refine.js";
import { t } from "../../shared/translate.js";
import { pixelsText } from "../format.js";
import { gridOver } from "../pixels/window_in_view.js";
import { drawGrid, numberAt } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("../pixels/pixel_worker.js").Trial} Trial */

/** What is shown waits for the slider to rest. */
const REST_MS = 120;
/** Borders that snap look at single pixels: more of them than this would take too long. */
const MOST_SNAPPED = 2 ** 21;

/** @param {Bench} bench @returns {import("./tool.js").Tool} */
export function createAdjust(bench) {
  /** @type {Trial | null} */
  let trial = null;
  let isInHand = false;
  let timer = 0;
  let round = 0;
  let isLooking = false;

  const op = () => bench.settings.text("adjust.op");

  /** The question to the worker. @param {number} number @returns {{job: string, payload: any, needsPicture: boolean} | string} or why there is none */
  function question(number) {
    const allow = bench.mayTake(number);
    const radius = bench.settings.number("adjust.radius");
    if (op() === "holes") {
      const fillable = bench.settings.isOn("adjust.swallow") ? allow : allowFor("behind", { start: 0, locked: [] });
      return { job: "holes", payload: { number, allow: fillable }, needsPicture: false };
    }
    if (op() !== "snap") return { job: "refine", payload: { number, op: op(), radius, allow, receive: allow }, needsPicture: false };
    const grid = snapWindow(number, radius);
    if (!grid) return t("The entity is not in view.");
    if (grid.stride > 1) return t("Zoom in: snapping needs single pixels, here are too many of them.");
    const movable = allow.slice();
    movable[number] = 1;
    return { job: "snap", payload: { grid, number, radius, movable }, needsPicture: true };
  }

  /** The entity's box as far as it is in view. @param {number} number @param {number} radius */
  function snapWindow(number, radius) {
    const box = bench.map.boxOf(number);
    const view = bench.gridInView();
    if (!box || !view) return null;
    const room = 3 * radius + 2;
    const [x0, y0] = [Math.max(box[0] - room, view.x), Math.max(box[1] - room, view.y)];
    const [x1, y1] = [Math.min(box[2] + room, view.x + view.width * view.stride), Math.min(box[3] + room, view.y + view.height * view.stride)];
    if (x1 <= x0 || y1 <= y0) return null;
    return (x1 - x0) * (y1 - y0) > MOST_SNAPPED ? view : gridOver(bench.map, [x0, y0, x1, y1], 0);
  }

  async function look() {
    const number = bench.selected();
    const asked = ++round;
    forget();
    if (!isInHand || bench.map.area[number] === 0 || number === 0) {
      bench.note(isInHand ? t("Click the entity to adjust") : "");
      return;
    }
    if (bench.isLocked(number)) {
      bench.note(t("Entity #{number} is locked.", { number }));
      return;
    }
    const asking = question(number);
    if (typeof asking === "string") {
      bench.note(asking);
      return;
    }
    isLooking = true;
    bench.note(t("Looking…"));
    const answer = await bench.ask(asking.job, asking.payload, { lane: "adjust", needsPicture: asking.needsPicture });
    if (asked === round) isLooking = false;
    if (!answer || asked !== round || !isInHand) return;
    trial = answer.changes.length > 0 ? answer : null;
    bench.note(trial ? sentenceOf(trial) : t("Nothing to change"));
    bench.redraw();
  }

  /** What is shown is no longer true: forget it now, look again when things have settled. */
  function lookSoon() {
    clearTimeout(timer);
    if (!isInHand) return;
    round++;
    forget();
    bench.note(t("Looking…"));
    timer = setTimeout(() => void look(), REST_MS);
  }

  function forget() {
    trial = null;
    isLooking = false;
    bench.redraw();
  }

  function apply() {
    const number = bench.selected();
    const taken = trial;
    forget();
    if (taken) bench.takeTrial(taken, { tool: `adjust_${op()}`, number });
  }

  function leave() {
    isInHand = false;
    round++;
    clearTimeout(timer);
    forget();
    bench.note("");
  }

  bench.settings.onChange(lookSoon);
  bench.onSelect(lookSoon);
  bench.drawing.onChange(lookSoon);
  return {
    id: "adjust",
    label: t("Adjust the shape"),
    hint: t("Smooth, grow, shrink, fill holes or snap the active entity to the picture's edges; shown first, Enter does it"),
    keys: ["a"],
    icon: "M4 7h9M17 7h3M15 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM4 17h3M11 17h9M9 15a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
    cursor: "default",
    edits: true,
    paints: true,
    settings: [
      {
        id: "adjust.op", kind: "choice", label: t("Adjust"), start: "smooth",
        choices: [
          { value: "smooth", label: t("Smooth") }, { value: "grow", label: t("Grow") }, { value: "shrink", label: t("Shrink") },
          { value: "holes", label: t("Fill holes") }, { value: "snap", label: t("Snap to the picture's edges") },
        ],
      },
      { id: "adjust.radius", kind: "range", label: t("by"), start: 4, min: 1, max: MAX_REFINE_RADIUS, step: 1, text: (value) => `${value} px`, isShown: (get) => get("adjust.op") !== "holes" },
      { id: "adjust.swallow", kind: "check", label: t("Also entities inside"), start: false, isShown: (get) => get("adjust.op") === "holes" },
    ],
    buttons: [{ label: t("Apply"), run: apply }],
    enter() {
      isInHand = true;
      void look();
    },
    leave,
    viewMoved: () => op() === "snap" && lookSoon(),
    down: (point) => bench.select(numberAt(bench.map, point)),
    isBusy: () => trial !== null || isLooking,
    finish: apply,
    cancel: forget,
    draw(pen, view) {
      if (trial?.preview) drawGrid(pen, view, trial.preview.bitmap, trial.preview.grid);
    },
  };
}

/** @param {Trial} trial */
function sentenceOf({ preview }) {
  if (!preview) return "";
  const { gained, lost } = preview;
  return [gained > 0 ? `+${pixelsText(gained)}` : "", lost > 0 ? `−${pixelsText(lost)}` : ""].filter(Boolean).join(" ");
}
