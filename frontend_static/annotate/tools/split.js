/** Split: draw a line across an entity; the largest part keeps number and name. */
import { plural, t } from "../../shared/translate.js";
import { splitAlong } from "../../segmentation/split.js";
import { drawPath, numberAt } from "./tool.js";

/** @typedef {import("./tool.js").Point} Point */

/** @param {import("./tool.js").Bench} bench @returns {import("./tool.js").Tool} */
export function createSplit(bench) {
  /** @type {Point[]} */
  let line = [];

  /** The entity most of the line lies on; the active one wins if the line crosses it at all. */
  function target() {
    const numbers = line.map((point) => numberAt(bench.map, point)).filter((number) => number > 0);
    if (numbers.includes(bench.selected())) return bench.selected();
    return numbers[numbers.length >> 1] ?? 0;
  }

  function cut() {
    const number = target();
    if (number === 0) return;
    if (bench.isLocked(number)) {
      bench.say(t("Entity #{number} is locked.", { number }));
      return;
    }
    let ranOut = false;
    const made = splitAlong(bench.map, number, line, () => {
      const taken = bench.newNumber();
      if (taken === null) ranOut = true;
      return taken ?? number;
    });
    if (!made || ranOut) {
      bench.drawing.cancel();
      if (!ranOut) bench.say(t("The line does not separate the entity: draw it from edge to edge."));
      return;
    }
    bench.drawing.commit({ tool: "split", number });
    bench.select(made[0]);
    bench.say(plural(made.length + 1, "Split into {n} entity.", "Split into {n} entities."));
  }

  return {
    id: "split",
    label: t("Cut apart"),
    hint: t("Draw a line across an entity to cut it in parts"),
    keys: ["k", "alt+m"],
    icon: "M6 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM6 14.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8.2 8.3 20 18M8.2 15.7 20 6",
    cursor: "crosshair",
    edits: true,
    down: (point) => (line = [point]),
    move(point) {
      if (line.length > 0) line.push(point);
    },
    up() {
      if (line.length > 1) cut();
      line = [];
    },
    isBusy: () => line.length > 0,
    cancel: () => (line = []),
    draw(pen, { toDevice }) {
      if (line.length > 1) drawPath(pen, line.map(toDevice), { closed: false });
    },
  };
}
