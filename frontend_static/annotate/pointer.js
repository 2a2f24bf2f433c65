/** The pointer on the canvas, mouse, pen or fingers: panning and zooming here, everything else to the tool in hand. */
import { createFingers } from "./fingers.js";
import { isPenNear, seePen } from "./pen.js";

/** @typedef {import("./tools/tool.js").Tool} Tool */
/** @typedef {import("../segmentation/raster.js").Point} Point */

/** A notch of a mouse wheel is 100 px and zooms by a quarter; trackpads send many small steps. */
const ZOOM_PER_PIXEL = 0.0022;
const PIXELS_PER_LINE = 33;
const SIZE_PER_NOTCH = 1.15;
/** A press that moves less than this (window pixels) is a click, not a drag. */
const CLICK_TRAVEL = 4;

/**
 * @param {object} parts
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {() => Tool} parts.tool
 * @param {() => boolean} parts.isPanning  Space is held
 * @param {(tool: Tool) => boolean} parts.mayUse
 * @param {(point: Point) => void} parts.pick
 * @param {(point: Point | null) => void} parts.onMove
 * @param {(change: (radius: number) => number) => void} parts.resizeBrush
 * @param {(handlerMs: number) => void} parts.measure
 * @param {() => boolean} [parts.fingerPans]  one finger moves the view, whatever the tool
 * @param {(fingers: number) => void} [parts.tap]  of two or more fingers
 */
export function listenToPointer({ viewer, tool, isPanning, mayUse, pick, onMove, resizeBrush, measure, fingerPans = () => false, tap = () => {} }) {
  const { hud } = viewer;
  const control = new AbortController();
  /** @type {{kind: "pan" | "size" | "tool", x: number, y: number, radius: number, travelled: number} | null} */
  let drag = null;
  const fingers = createFingers({ press: onDown, move: onMoved, release: onUp, drop, pinch: viewer.pinch, tap });

  /** @param {(event: PointerEvent) => void} mouse @param {(event: PointerEvent) => void} finger */
  const either = (mouse, finger) => (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === "touch") {
      // The hand that holds a pen rests on the screen.
      if (!isPenNear(event.timeStamp)) finger(event);
      return;
    }
    if (event.pointerType === "pen") {
      seePen(event);
      if (event.type === "pointerdown") fingers.cancel();
    }
    mouse(event);
  };

  /** What was begun was not meant. */
  function drop() {
    const dropped = drag;
    drag = null;
    if (dropped?.kind === "tool") tool().cancel?.();
    viewer.requestDraw();
  }

  /** @param {PointerEvent} event @returns {"pan" | "size" | "tool" | null} */
  function kindOf(event) {
    if (event.button === 2 && event.altKey) return "size";
    if (event.button === 1 || isPanning() || (event.button === 0 && tool().id === "pan")) return "pan";
    if (event.pointerType === "touch" && fingerPans()) return "pan";
    return event.button === 0 || (event.button === 2 && tool().takesRightButton) ? "tool" : null;
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    const kind = kindOf(event);
    if (!kind || drag) return;
    // A finger is captured by itself, and may have been lifted before its press is passed on.
    if (event.pointerType !== "touch") hud.setPointerCapture(event.pointerId);
    const point = viewer.pointAt(event.clientX, event.clientY);
    if (kind === "tool") {
      if (event.altKey && tool().hasSize) {
        pick(point);
        return;
      }
      if (!mayUse(tool())) return;
    }
    drag = { kind, x: event.clientX, y: event.clientY, radius: 0, travelled: 0 };
    if (kind === "tool") tool().down?.(point, event);
    if (kind === "size") resizeBrush((radius) => (drag ? (drag.radius = radius) : radius));
    viewer.requestDraw();
  }

  /** @param {PointerEvent} event */
  function onMoved(event) {
    const start = performance.now();
    if (drag?.kind === "pan") {
      viewer.pan(event.clientX - drag.x, event.clientY - drag.y);
      drag.travelled += Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y);
      drag.x = event.clientX;
      drag.y = event.clientY;
      return;
    }
    if (drag?.kind === "size") {
      const { x, radius } = drag;
      resizeBrush(() => radius + (event.clientX - x) / viewer.scale() / 2);
    } else {
      const events = event.getCoalescedEvents?.() ?? [];
      const pointAt = viewer.pointsNow();
      for (const each of events.length > 0 ? events : [event]) tool().move?.(pointAt(each.clientX, each.clientY), each);
    }
    onMove(viewer.pointAt(event.clientX, event.clientY));
    viewer.requestDraw();
    if (drag) measure(performance.now() - start);
  }

  /** @param {PointerEvent} event */
  function onUp(event) {
    const ended = drag;
    drag = null;
    if (ended?.kind === "pan" && ended.travelled < CLICK_TRAVEL) tool().click?.(viewer.pointAt(event.clientX, event.clientY));
    if (ended?.kind !== "tool") return;
    if (event.type === "pointercancel") tool().cancel?.();
    else tool().up?.(event);
    viewer.requestDraw();
  }

  /** @param {WheelEvent} event */
  function onWheel(event) {
    event.preventDefault();
    const direction = Math.sign(event.deltaY || event.deltaX);
    if (event.shiftKey) resizeBrush((radius) => radius * (direction < 0 ? SIZE_PER_NOTCH : 1 / SIZE_PER_NOTCH));
    else {
      const pixels = event.deltaY * (event.deltaMode === 1 ? PIXELS_PER_LINE : 1);
      viewer.zoomBy(Math.exp(-Math.max(-200, Math.min(200, pixels)) * ZOOM_PER_PIXEL), event.clientX, event.clientY);
    }
  }

  const options = { signal: control.signal };
  hud.addEventListener("pointerdown", either(onDown, fingers.onDown), options);
  hud.addEventListener("pointermove", either(onMoved, fingers.onMove), options);
  hud.addEventListener("pointerup", either(onUp, fingers.onUp), options);
  hud.addEventListener("pointercancel", either(onUp, fingers.cancel), options);
  hud.addEventListener("pointerleave", () => drag || onMove(null), options);
  hud.addEventListener("dblclick", () => tool().doubleClick?.(), options);
  hud.addEventListener("contextmenu", (event) => event.preventDefault(), options);
  hud.addEventListener("wheel", onWheel, { ...options, passive: false });
  return () => control.abort();
}
