/** What can be done with the view; the review page has the same keys. */
import { t } from "../shared/translate.js";

/** @typedef {import("./commands.js").Action} Action */

const ROTATION_STEP = 15;
const ZOOM_STEP = 1.5;
const USUAL_FILL = 0.42;

/**
 * @param {{viewer: import("./viewer.js").Viewer, store: import("./editor_state.js").EditorStore}} parts
 * @returns {Action[]}
 */
export function viewActions({ viewer, store }) {
  let lastFill = USUAL_FILL;
  /** @param {number} more */
  const fade = (more) => () => store.set({ fill: Math.max(0, Math.min(1, Math.round((store.state.fill + more) * 100) / 100)) });

  function toggleFill() {
    if (store.state.fill > 0) lastFill = store.state.fill;
    store.set({ fill: store.state.fill > 0 ? 0 : lastFill });
  }

  /** @param {string} id @param {string} label @param {string[]} keys @param {() => void} run @returns {Action} */
  const action = (id, label, keys, run) => ({ id: `view.${id}`, label, group: t("View"), keys, run });
  return [
    action("fit", t("Fit the image"), ["0"], viewer.fitImage),
    action("actual", "100 %", ["1"], () => viewer.zoomTo(1)),
    action("in", t("Zoom in"), ["+", "="], () => viewer.zoomBy(ZOOM_STEP)),
    action("out", t("Zoom out"), ["-"], () => viewer.zoomBy(1 / ZOOM_STEP)),
    action("rotate", t("Rotate the view"), ["r"], () => viewer.rotateBy(ROTATION_STEP)),
    action("upright", t("Reset the rotation"), ["shift+r"], viewer.resetRotation),
    action("outline", t("Outlines only"), ["o"], toggleFill),
    action("less", t("Less opacity"), [","], fade(-0.1)),
    action("more", t("More opacity"), ["."], fade(0.1)),
    action("solo", t("Only the active entity"), ["s"], () => store.set({ solo: !store.state.solo })),
    action("hide", t("Hide or show all masks"), ["shift+h"], () => store.set({ hidden: !store.state.hidden })),
    action("hatch", t("Hatch gaps"), ["u"], () => store.set({ gaps: !store.state.gaps })),
    action("patterns", t("Patterns over the colours"), ["shift+p"], () => store.set({ patterns: !store.state.patterns })),
    action("dim", t("Fade the photograph"), ["shift+i"], () => store.set({ dimImage: !store.state.dimImage })),
  ];
}
