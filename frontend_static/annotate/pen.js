/** Pens: whether one is near, so that the hand beside it does not count, and how its pressure sets the brush's size. */
import { t } from "../shared/translate.js";

/** A pen that was over the canvas so lately, ms, is near; the hand that rests then is no finger. */
const NEAR_MS = 700;
/** The lightest touch paints with this share of the brush. */
const LIGHTEST = 0.15;

/** @type {Record<string, number>} how pressure counts, as an exponent */
const CURVES = { soft: 0.55, linear: 1, firm: 1.8 };

let lastSeenAt = -Infinity;

/** @param {PointerEvent} event of a pen */
export function seePen(event) {
  lastSeenAt = event.timeStamp;
}

/** Whether a pen is near. @param {number} now performance.now() or an event's time stamp */
export const isPenNear = (now) => now - lastSeenAt < NEAR_MS;

/** The setting that brush and eraser share; shown to those who have a pen. @type {import("./tool_settings.js").Setting} */
export const PRESSURE = {
  id: "brush.pressure",
  kind: "choice",
  label: t("Pen pressure"),
  title: t("How the pressure of a pen changes the brush's size"),
  start: "linear",
  choices: [
    { value: "off", label: t("Off") },
    { value: "soft", label: t("Soft") },
    { value: "linear", label: t("Even") },
    { value: "firm", label: t("Firm") },
  ],
  isShown: () => lastSeenAt > -Infinity,
};

/**
 * The share of the brush that a pen's pressure gives; 1 for every other pointer.
 * @param {Pick<PointerEvent, "pointerType" | "pressure"> | undefined} event @param {string} curve of `PRESSURE`
 */
export function sizeOf(event, curve) {
  const exponent = CURVES[curve];
  if (!exponent || event?.pointerType !== "pen" || event.pressure <= 0) return 1;
  return LIGHTEST + (1 - LIGHTEST) * event.pressure ** exponent;
}
