/** The shape of the editor's state, and the part of it that comes back when the image is opened again. */
import { createStore } from "./store.js";

/** @typedef {import("./paint_modes.js").PaintMode} PaintMode */
/**
 * @typedef {object} EditorState
 * @property {string} tool
 * @property {"masks" | "names"} step
 * @property {number} selected  the active entity, 0 for none
 * @property {number} previous
 * @property {number} radius  of the brush, image px
 * @property {PaintMode} paintMode
 * @property {boolean} eraseOnlyActive
 * @property {Record<string, import("./tool_settings.js").SettingValue>} settings  of the tools
 * @property {string} note  what the tool in hand says of itself
 * @property {number} fill  opacity, 0..1
 * @property {boolean} outline
 * @property {boolean} gaps  hatched
 * @property {boolean} solo
 * @property {boolean} hidden
 * @property {number} hover  number under the cursor
 * @property {import("../segmentation/raster.js").Point | null} cursor
 * @property {string} readOnly  why nothing can be changed; "" if it can
 * @property {string} lockedMap  why only names can be given; "" if the map may be drawn on
 * @property {boolean} canTakeOver
 * @property {number[]} chosen  with the active one, where a name is given to several; else empty
 * @property {"area" | "space"} nextOrder  in which unnamed entities come up
 * @property {boolean} patterns  lines over the fills
 * @property {boolean} dimImage  the photograph is faded
 * @property {boolean} fingerPans  one finger moves the view instead of working
 * @property {boolean} autoFit  zoom to the entity that comes up
 */
/** @typedef {ReturnType<typeof createEditorStore>} EditorStore */

/** @type {EditorState} */
const START = {
  tool: "brush", step: "masks", selected: 0, previous: 0, radius: 20, paintMode: "over", eraseOnlyActive: false, settings: {}, note: "",
  fill: 0.42, outline: true, gaps: false, solo: false, hidden: false, hover: 0, cursor: null, readOnly: "", lockedMap: "", canTakeOver: false, chosen: [], nextOrder: "area", autoFit: true, fingerPans: false, patterns: false, dimImage: false,
};

/** @type {(keyof EditorState)[]} */
const KEPT = ["tool", "step", "selected", "radius", "paintMode", "eraseOnlyActive", "settings", "fill", "outline", "gaps", "nextOrder", "autoFit", "fingerPans", "patterns", "dimImage"];

/** Why no pixel can be changed; "" if they can. @param {Pick<EditorState, "readOnly" | "lockedMap">} state */
export const whyFixed = ({ readOnly, lockedMap }) => readOnly || lockedMap;

export const MIN_RADIUS = 0.5;
export const MAX_RADIUS = 400;

/** @param {number} annotation */
export function createEditorStore(annotation) {
  const key = `tessera.editor.${annotation}`;
  const store = createStore({ ...START, ...read(key) });
  store.watch(KEPT, (state) => {
    localStorage.setItem(key, JSON.stringify(Object.fromEntries(KEPT.map((name) => [name, state[name]]))));
  });
  return store;
}

/** @param {string} key @returns {Partial<EditorState>} */
function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}");
  } catch {
    return {};
  }
}
