/** Options of the tool in hand and of the view. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { MAX_RADIUS, MIN_RADIUS } from "../editor_state.js";
import { PAINT_MODES } from "../paint_modes.js";
import { createToolOptions } from "./tool_options.js";

/** @typedef {import("../editor_state.js").EditorStore} EditorStore */

/** The slider moves in powers, so that small brushes can be set finely. */
const SLIDER_STEPS = 100;
/** @param {number} radius */
const sliderOf = (radius) => Math.round((SLIDER_STEPS * Math.log(radius / MIN_RADIUS)) / Math.log(MAX_RADIUS / MIN_RADIUS));
/** @param {number} position */
const radiusOf = (position) => MIN_RADIUS * (MAX_RADIUS / MIN_RADIUS) ** (position / SLIDER_STEPS);
/** @param {number} radius */
export const radiusText = (radius) => (radius < 10 ? radius.toFixed(1) : String(Math.round(radius)));

/**
 * @param {HTMLElement} host @param {EditorStore} store
 * @param {{tools: import("../tools/tool.js").Tool[], settings: import("../tool_settings.js").ToolSettings, actions: import("../commands.js").Actions}} [hand]
 *   what can be taken in hand; left out where nothing is drawn
 */
export function createOptionsBar(host, store, hand) {
  const toolOptions = hand && createToolOptions(hand);
  const size = element("input", { type: "range", min: 0, max: SLIDER_STEPS, id: "brush-size", data: { tip: t("Brush radius; also Shift+wheel"), keys: "brush.smaller brush.larger" } });
  const sizeText = element("output", { for: "brush-size", class: "option-value" });
  const mode = element(
    "select",
    { id: "paint-mode", data: { tip: t("What painting may replace"), keys: "paint.mode" } },
    ...PAINT_MODES.map(({ id, label }) => element("option", { value: id }, label)),
  );
  const onlyActive = element("input", { type: "checkbox", id: "erase-only-active" });
  const fill = element("input", { type: "range", min: 0, max: 100, id: "fill-opacity", data: { tip: t("Opacity of the masks"), keys: "view.less view.more" } });
  const outline = element("input", { type: "checkbox", id: "show-outline" });
  const hatch = element("input", { type: "checkbox", id: "show-gaps" });

  size.addEventListener("input", () => store.set({ radius: radiusOf(Number(size.value)) }));
  mode.addEventListener("change", () => store.set({ paintMode: /** @type {import("../paint_modes.js").PaintMode} */ (mode.value) }));
  onlyActive.addEventListener("change", () => store.set({ eraseOnlyActive: onlyActive.checked }));
  fill.addEventListener("input", () => store.set({ fill: Number(fill.value) / 100 }));
  outline.addEventListener("change", () => store.set({ outline: outline.checked }));
  hatch.addEventListener("change", () => store.set({ gaps: hatch.checked }));

  const sizeOption = element("div", { class: "option" }, element("label", { for: "brush-size" }, t("Brush")), size, sizeText);
  const modeOption = element("div", { class: "option" }, element("label", { for: "paint-mode" }, t("Paint over")), mode);
  const eraseOption = element("div", { class: "option" }, onlyActive, element("label", { for: "erase-only-active" }, t("Erase only the active entity")));
  host.append(
    sizeOption,
    modeOption,
    eraseOption,
    ...(toolOptions ? [toolOptions.node] : []),
    element("span", { class: "spacer" }),
    element("div", { class: "option" }, element("label", { for: "fill-opacity" }, t("Opacity")), fill),
    element("div", { class: "option" }, outline, element("label", { for: "show-outline", data: { tip: t("Outlines only"), keys: "view.outline" } }, t("Outlines"))),
    element("div", { class: "option" }, hatch, element("label", { for: "show-gaps", data: { keys: "view.hatch" } }, t("Hatch gaps"))),
  );

  function show() {
    const { radius, paintMode, tool, step } = store.state;
    const isMasks = step === "masks";
    size.value = String(sliderOf(radius));
    size.setAttribute("aria-valuetext", t("{n} pixels", { n: radiusText(radius) }));
    sizeText.textContent = t("{n} px", { n: radiusText(radius) });
    mode.value = paintMode;
    onlyActive.checked = store.state.eraseOnlyActive;
    fill.value = String(Math.round(store.state.fill * 100));
    outline.checked = store.state.outline;
    hatch.checked = store.state.gaps;
    const inHand = isMasks ? hand?.tools.find(({ id }) => id === tool) : undefined;
    sizeOption.hidden = !inHand?.hasSize && !inHand?.usesRadius;
    modeOption.hidden = !inHand?.paints;
    eraseOption.hidden = !inHand?.erases || Boolean(inHand.paints && hand?.settings.text("outline.mode") === "add");
    toolOptions?.show(inHand?.id ?? "");
  }
  store.watch(["radius", "paintMode", "eraseOnlyActive", "fill", "outline", "gaps", "tool", "step", "settings"], show);
  show();
}
