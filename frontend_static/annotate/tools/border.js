/** Dragging a border between two entities: what one gains the other loses, and nobody else changes. */
import { capsule } from "../../segmentation/raster.js";
import { createWarp } from "../../segmentation/warp.js";
import { t } from "../../shared/translate.js";
import { allowFor } from "../paint_modes.js";
import { drawCircle, numberAt, pixelAt } from "./tool.js";

/** @typedef {import("./tool.js").Bench} Bench */
/** @typedef {import("./tool.js").Point} Point */

/**
 * The nearest pixel of another number.
 * @param {import("../../segmentation/label_map.js").LabelMap} map @param {Point} point @param {number} reach
 * @returns {{number: number, distance: number} | null} null if there is none within reach
 */
export function nearestOther(map, point, reach) {
  const [x, y] = pixelAt(point);
  const own = map.get(x, y);
  let found = null;
  for (let ring = 1; ring <= reach && !(found && found.distance <= ring); ring++) {
    for (let k = -ring; k <= ring; k++) {
      for (const [px, py] of [[x + k, y - ring], [x + k, y + ring], [x - ring, y + k], [x + ring, y + k]]) {
        if (px < 0 || py < 0 || px >= map.width || py >= map.height) continue;
        const number = map.get(px, py);
        const distance = Math.hypot(px - x, py - y);
        if (number !== own && distance <= reach && (!found || distance < found.distance)) found = { number, distance };
      }
    }
  }
  return found;
}

/** @param {Bench} bench @returns {import("./tool.js").Tool} */
export function createBorderTool(bench) {
  /** @type {{own: number, radius: number, last: Point, next: Point, apply: (from: Point, to: Point) => void} | null} */
  let drag = null;
  let frame = 0;

  /** Follow the pointer, once a frame however often it reports. */
  function follow() {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!drag || (drag.next[0] === drag.last[0] && drag.next[1] === drag.last[1])) return;
    drag.apply(drag.last, drag.next);
    drag.last = drag.next;
    bench.redraw();
  }

  /** Which numbers may gain and lose. @param {number} own @param {number} other */
  function movable(own, other) {
    if (!bench.settings.isOn("border.pair")) return allowFor("over", { start: own, locked: bench.locked() });
    const numbers = new Uint8Array(65536);
    numbers[own] = 1;
    numbers[other] = 1;
    return numbers;
  }

  /** @param {Point} point @param {number} own @param {{number: number, distance: number}} other */
  function begin(point, own, other) {
    const numbers = movable(own, other.number);
    bench.drawing.begin();
    if (bench.settings.text("border.way") === "push") {
      const radius = Math.max(0.5, Math.min(bench.brushRadius(), other.distance - 0.5));
      drag = { own, radius, last: point, next: point, apply: (from, to) => capsule(bench.map, from, to, radius, own, numbers) };
      return;
    }
    const radius = Math.max(2, bench.brushRadius());
    const warp = createWarp(bench.map, numbers);
    drag = { own, radius, last: point, next: point, apply: (from, to) => warp.drag(from, to, radius) };
  }

  /** Why nothing can be dragged here, or null. @param {number} own @param {ReturnType<typeof nearestOther>} other */
  function refusal(own, other) {
    if (!other) return t("No border within the circle: start closer to one.");
    const locked = [own, other.number].find(bench.isLocked);
    if (locked) return t("Entity #{number} is locked.", { number: locked });
    if (own === 0 && bench.settings.text("border.way") === "push") return t("Start inside the entity that is to grow.");
    return null;
  }

  /** @param {number} number */
  const nameOf = (number) => (number === 0 ? t("unlabelled") : `#${number}`);

  return {
    id: "border",
    label: t("Drag a border"),
    hint: t("Drag the border between two entities: both change, nothing else does"),
    keys: ["d"],
    icon: "M12 3c-3 3 3 6 0 9s3 6 0 9M3 12h5M5.5 9.5 3 12l2.5 2.5M21 12h-5M18.5 9.5 21 12l-2.5 2.5",
    cursor: "none",
    edits: true,
    usesRadius: true,
    settings: [
      {
        id: "border.way", kind: "choice", label: t("Border"), title: t("Pull it with the pointer, or push it in front of a disc from inside"), start: "pull",
        choices: [{ value: "pull", label: t("follows the pointer") }, { value: "push", label: t("is pushed from inside") }],
      },
      { id: "border.pair", kind: "check", label: t("Only these two"), title: t("Off: every unlocked entity under the circle gives way"), start: true },
    ],
    down(point) {
      const own = numberAt(bench.map, point);
      const other = nearestOther(bench.map, point, bench.brushRadius());
      const sentence = refusal(own, other);
      if (sentence || !other) {
        bench.say(sentence ?? "");
        return;
      }
      begin(point, own, other);
      bench.note(t("between {one} and {other}", { one: nameOf(own), other: nameOf(other.number) }));
    },
    move(point) {
      if (!drag) return;
      drag.next = point;
      frame ||= requestAnimationFrame(follow);
    },
    up() {
      if (!drag) return;
      follow();
      const { own, radius } = drag;
      drag = null;
      bench.note("");
      bench.drawing.commit({ tool: `border_${bench.settings.text("border.way")}`, number: own, radius: Math.round(radius * 10) / 10 });
    },
    isBusy: () => drag !== null,
    cancel() {
      drag = null;
      bench.note("");
      bench.drawing.cancel();
    },
    draw(pen, { toDevice, scale, cursor }) {
      if (cursor) drawCircle(pen, toDevice(cursor), (drag?.radius ?? bench.brushRadius()) * scale);
    },
  };
}
