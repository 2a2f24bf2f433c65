/** How two panes lie: one above the other for blinking, side by side, or divided by a curtain. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";

/** @typedef {"blink" | "side" | "curtain"} Mode */
/**
 * @typedef {object} CompareState
 * @property {boolean} isComparing
 * @property {Mode} mode
 * @property {number} curtain  share of the width left of the divider
 * @property {boolean} isSwapped  the other side is in front
 * @property {boolean} hatch
 * @property {"theirs" | "mine"} left  whose map the left pane shows
 */
/** @typedef {ReturnType<typeof import("../annotate/store.js").createStore<CompareState>>} CompareStore */

const CURTAIN_STEP = 0.02;

/** @returns {{id: Mode, label: string, keys: string[]}[]} */
export const modes = () => [
  { id: "blink", label: t("Blink"), keys: ["b"] },
  { id: "side", label: t("Side by side"), keys: ["d"] },
  { id: "curtain", label: t("Curtain"), keys: ["v"] },
];

/** @param {HTMLElement} stage @param {[HTMLElement, HTMLElement]} panes @param {CompareStore} compare */
export function createLayout(stage, [left, right], compare) {
  const divider = element("div", {
    class: "curtain-divider", role: "slider", tabindex: 0, "aria-label": t("Curtain: the left map is shown left of it"), "aria-orientation": "horizontal",
    "aria-valuemin": 0, "aria-valuemax": 100, hidden: true,
  });
  stage.append(divider);

  function show() {
    const { isComparing, mode, curtain, isSwapped } = compare.state;
    stage.dataset.compare = isComparing ? mode : "none";
    divider.hidden = !isComparing || mode !== "curtain";
    divider.style.left = `${100 * curtain}%`;
    divider.setAttribute("aria-valuenow", String(Math.round(100 * curtain)));
    divider.setAttribute("aria-valuetext", t("{percent} percent", { percent: Math.round(100 * curtain) }));
    const [front, back] = isSwapped ? [right, left] : [left, right];
    front.classList.add("front");
    back.classList.remove("front");
    const cut = isComparing && mode === "curtain";
    left.style.clipPath = "";
    right.style.clipPath = cut ? (isSwapped ? `inset(0 ${100 - 100 * curtain}% 0 0)` : `inset(0 0 0 ${100 * curtain}%)`) : "";
  }

  /** @param {number} share */
  const moveTo = (share) => compare.set({ curtain: Math.max(0, Math.min(1, share)) });

  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
    divider.focus();
  });
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const { left: start, width } = stage.getBoundingClientRect();
    moveTo((event.clientX - start) / width);
  });
  divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -CURTAIN_STEP, ArrowRight: CURTAIN_STEP, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    moveTo(compare.state.curtain + step);
    event.preventDefault();
    event.stopPropagation();
  });
  compare.watch(["isComparing", "mode", "curtain", "isSwapped"], show);
  show();
  return { nudge: (/** @type {1 | -1} */ direction) => moveTo(compare.state.curtain + direction * CURTAIN_STEP) };
}

/** The buttons that choose how the two are shown. @param {HTMLElement} host what they come after @param {CompareStore} compare */
export function createModeBar(host, compare) {
  const buttons = modes().map(({ id, label, keys }) =>
    element("button", { type: "button", class: "step", title: `${label} (${keys[0].toUpperCase()})`, data: { mode: id }, onclick: () => compare.set({ mode: id }) }, label, element("kbd", {}, keys[0].toUpperCase())),
  );
  const hatch = element("input", { type: "checkbox", id: "show-differences", onchange: () => compare.set({ hatch: hatch.checked }) });
  const bar = element(
    "div",
    { class: "compare-bar", hidden: true },
    element("div", { class: "steps", role: "group", "aria-label": t("How to compare") }, ...buttons),
    element("div", { class: "option" }, hatch, element("label", { for: "show-differences", title: "W" }, t("Hatch differences"))),
  );
  host.after(bar);
  function show() {
    const { isComparing, mode, hatch: isHatched } = compare.state;
    bar.hidden = !isComparing;
    hatch.checked = isHatched;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }
  compare.watch(["isComparing", "mode", "hatch"], show);
  show();
}
