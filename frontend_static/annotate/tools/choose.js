/** The select tool: a click makes an entity the active one, with Shift or Ctrl one more; a drag draws a lasso round several. */
import { t } from "../../shared/translate.js";
import { numbersInside } from "../lasso_choice.js";
import { drawPath, numberAt } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Tool} Tool */
/** @typedef {import("./tool.js").Point} Point */

/** A drag shorter than this (window pixels) is a click. */
const CLICK_TRAVEL = 5;
const SPACING = 1;

/** @param {Bench} bench @returns {Tool} */
export function createSelect(bench) {
  /** @type {Point[]} */
  let outline = [];
  let adds = false;

  /** @param {Point} a @param {Point} b */
  const apart = ([xa, ya], [xb, yb]) => Math.hypot(xa - xb, ya - yb) * bench.scale();
  const isLasso = () => outline.length > 2 && outline.some((point) => apart(outline[0], point) > CLICK_TRAVEL);

  return {
    id: "select",
    label: t("Select"),
    hint: t("Click: the active entity. Shift or Ctrl: several. Drag: all that lie in the lasso"),
    keys: ["v"],
    icon: "M5 3.5 19 11l-6 1.8L10.2 19z",
    cursor: "default",
    down(point, event) {
      outline = [point];
      adds = event.shiftKey || event.ctrlKey || event.metaKey;
    },
    move(point) {
      const last = outline.at(-1);
      if (last && apart(last, point) > SPACING) outline.push(point);
    },
    up() {
      const [start] = outline;
      if (!start) return;
      if (isLasso()) {
        const inside = numbersInside(bench.map, outline);
        if (inside.length > 0) bench.choose(inside, adds);
        else bench.say(t("No entity lies in the lasso by half or more."));
      } else {
        const number = numberAt(bench.map, start);
        if (adds && number > 0) bench.toggle(number);
        else bench.choose(number > 0 ? [number] : [], false);
      }
      outline = [];
    },
    isBusy: () => isLasso(),
    cancel: () => (outline = []),
    draw(pen, { toDevice }) {
      if (isLasso()) drawPath(pen, outline.map(toDevice), { closed: true });
    },
  };
}
