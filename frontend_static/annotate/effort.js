/** How long a person is at work on each entity, and in how many strokes; pauses do not count. */

/** Nothing touched for so long is a pause. */
const PAUSE_MS = 5000;
const EVENTS = ["pointermove", "pointerdown", "pointerup", "keydown", "wheel"];

/** @typedef {ReturnType<typeof createEffort>} Effort */

/**
 * @param {{now?: () => number, pause?: number}} [options] milliseconds
 */
export function createEffort({ now = () => performance.now(), pause = PAUSE_MS } = {}) {
  let last = now();
  /** At work since the last operation on an entity. */
  let collected = 0;

  /** Something was touched. */
  function touch() {
    const moment = now();
    if (moment - last <= pause) collected += moment - last;
    last = moment;
  }

  return {
    touch,
    /**
     * What a change has cost, for its operation; work on no entity in particular counts for the next one.
     * @param {{tiles: unknown[], operation: import("../segmentation/transaction.js").Operation}} change
     * @returns {{strokes?: number, active_ms?: number}}
     */
    of({ tiles, operation }) {
      touch();
      if (operation.number <= 0 || operation.undone) return {};
      const active = Math.round(collected);
      collected = 0;
      return { ...(tiles.length > 0 && { strokes: 1 }), ...(active > 0 && { active_ms: active }) };
    },
    /** Hear of what is touched on a page. @param {Document} page */
    listen(page) {
      for (const name of EVENTS) page.addEventListener(name, touch, { passive: true, capture: true });
    },
  };
}
