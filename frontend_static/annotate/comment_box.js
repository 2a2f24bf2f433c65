/** Asking for a region: the next drag on the canvas draws a box; Esc cancels. */
import { element } from "../shared/dom.js";

/** A press that moves less than this (window pixels) is a click and marks a small box around it. */
const CLICK_TRAVEL = 4;
const CLICK_BOX = 24;

/**
 * @param {HTMLElement} stage @param {import("./viewer.js").Viewer} viewer
 * @param {{width: number, height: number}} size of the image
 * @returns {Promise<[number, number, number, number] | null>} x, y, width, height in image pixels; null if cancelled
 */
export function askForBox(stage, viewer, { width, height }) {
  stage.querySelector(".box-catcher")?.dispatchEvent(new Event("cancel"));
  const rubber = element("div", { class: "box-rubber", hidden: true });
  const catcher = element("div", { class: "box-catcher" }, rubber);
  stage.append(catcher);
  /** @type {[number, number] | null} */
  let start = null;
  return new Promise((resolve) => {
    const control = new AbortController();
    const options = { signal: control.signal };

    /** @param {[number, number, number, number] | null} box */
    function finish(box) {
      control.abort();
      catcher.remove();
      resolve(box);
    }

    catcher.addEventListener("cancel", () => finish(null), options);
    catcher.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      catcher.setPointerCapture(event.pointerId);
      start = [event.clientX, event.clientY];
    }, options);
    catcher.addEventListener("pointermove", (event) => {
      if (!start) return;
      const { left, top } = stage.getBoundingClientRect();
      Object.assign(rubber.style, {
        left: `${Math.min(start[0], event.clientX) - left}px`, top: `${Math.min(start[1], event.clientY) - top}px`,
        width: `${Math.abs(event.clientX - start[0])}px`, height: `${Math.abs(event.clientY - start[1])}px`,
      });
      rubber.hidden = false;
    }, options);
    catcher.addEventListener("pointerup", (event) => {
      if (!start) return;
      const isClick = Math.hypot(event.clientX - start[0], event.clientY - start[1]) < CLICK_TRAVEL;
      const grown = isClick ? CLICK_BOX : 0;
      finish(boxBetween([start[0] - grown, start[1] - grown], [event.clientX + grown, event.clientY + grown]));
    }, options);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopImmediatePropagation();
      finish(null);
    }, { ...options, capture: true });
  });

  /** The box around four corners of the window, clipped to the image. @param {[number, number]} p @param {[number, number]} q @returns {[number, number, number, number] | null} */
  function boxBetween(p, q) {
    const corners = [[p[0], p[1]], [q[0], p[1]], [p[0], q[1]], [q[0], q[1]]].map(([x, y]) => viewer.pointAt(x, y));
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    const x0 = Math.max(0, Math.round(Math.min(...xs)));
    const y0 = Math.max(0, Math.round(Math.min(...ys)));
    const x1 = Math.min(width - 1, Math.round(Math.max(...xs)));
    const y1 = Math.min(height - 1, Math.round(Math.max(...ys)));
    return x1 < x0 || y1 < y0 ? null : [x0, y0, x1 - x0 + 1, y1 - y0 + 1];
  }
}
