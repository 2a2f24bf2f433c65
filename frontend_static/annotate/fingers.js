/**
 * Fingers on the canvas: one works or moves the view, two pan and zoom, a tap of two undoes, a tap of three redoes.
 * A first finger is held back for a moment, because it may be the first of two.
 */

/** A finger that stays within so many window px has not moved. */
const SLOP = 7;
/** How long one finger waits for another, ms. */
const HOLD_MS = 90;
/** A second finger so soon after the first, ms, that the stroke begun meanwhile was not meant. */
const SECOND_MS = 260;
const UNMEANT_TRAVEL = 30;
const TAP_MS = 350;

/** What is read of a pointer event. @typedef {Pick<PointerEvent, "pointerId" | "clientX" | "clientY" | "timeStamp">} Touch */
/** Two fingers since the last event: their middle, how it moved, how their distance grew. @typedef {{x: number, y: number, dx: number, dy: number, factor: number}} Pinch */

/**
 * @template {Touch} T
 * @param {object} parts
 * @param {(event: T) => void} parts.press  one finger is meant: the same as a mouse button from here on
 * @param {(event: T) => void} parts.move @param {(event: T) => void} parts.release
 * @param {() => void} parts.drop  what one finger began was not meant
 * @param {(pinch: Pinch) => void} parts.pinch
 * @param {(fingers: number) => void} parts.tap  of two or more
 */
export function createFingers({ press, move, release, drop, pinch, tap }) {
  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  /** @type {"none" | "waiting" | "one" | "several" | "ignored"} */
  let mode = "none";
  /** @type {T | null} the press held back */
  let held = null;
  let timer = 0;
  let beganAt = 0;
  let travelled = 0;
  let most = 0;

  function pressNow() {
    clearTimeout(timer);
    if (mode !== "waiting" || !held) return;
    mode = "one";
    press(held);
  }

  /** The middle of the first two fingers and their distance. */
  function pair() {
    const [a, b] = [...down.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, distance: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  }

  /** @param {T} event */
  function onDown(event) {
    if (down.size === 0) {
      [mode, held, beganAt, travelled, most] = ["waiting", event, event.timeStamp, 0, 0];
      timer = setTimeout(pressNow, HOLD_MS);
    }
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    most = Math.max(most, down.size);
    if (down.size < 2 || mode === "several") return;
    const isUnmeant = event.timeStamp - beganAt < SECOND_MS && travelled < UNMEANT_TRAVEL;
    if (mode === "one" && !isUnmeant) return;
    clearTimeout(timer);
    if (mode === "one") drop();
    mode = "several";
  }

  /** @param {T} event */
  function onMove(event) {
    const finger = down.get(event.pointerId);
    if (!finger) return;
    const before = mode === "several" && down.size > 1 ? pair() : null;
    travelled += Math.hypot(event.clientX - finger.x, event.clientY - finger.y);
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (mode === "waiting" && travelled > SLOP) pressNow();
    if (mode === "one" && event.pointerId === held?.pointerId) move(event);
    // Fingers that tap tremble: that is not yet a pinch.
    if (!before || travelled < SLOP * down.size) return;
    const after = pair();
    pinch({ x: after.x, y: after.y, dx: after.x - before.x, dy: after.y - before.y, factor: after.distance / before.distance });
  }

  /** @param {T} event */
  function onUp(event) {
    if (!down.delete(event.pointerId)) return;
    if (event.pointerId === held?.pointerId) {
      pressNow();
      if (mode === "one") release(event);
      if (mode === "one") mode = "ignored";
    }
    if (down.size > 0) return;
    if (mode === "several" && travelled < SLOP * most && event.timeStamp - beganAt < TAP_MS) tap(most);
    mode = "none";
  }

  /** Forget all fingers and what they began: the system or a pen took over. */
  function cancel() {
    clearTimeout(timer);
    if (mode === "one") drop();
    down.clear();
    mode = "none";
  }

  return { onDown, onMove, onUp, cancel };
}
