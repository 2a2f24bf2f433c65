/** Pictures of one image large: side by side under one zoom, or one at a time in the same place to blink between them. */
import { createDialog, shown } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";
import { moved, transformOf, viewOn, WHOLE, zoomed } from "./zoom.js";

const ZOOM_STEP = 1.5;
const MOVE_STEP = 0.15;

/** @param {import("./cards.js").PictureItem[]} items @param {number} first which image @param {number} picture which of its pictures */
export function lookAtPictures(items, first, picture) {
  const state = { item: first, picture, isBlinking: false, view: WHOLE };
  const dialog = createDialog(t("Compare the pictures"));
  dialog.classList.add("picture-dialog");
  const title = element("p", { class: "picture-title", role: "status" });
  const stage = element("div", { class: "picture-stage" });
  const aside = element("div", { class: "picture-aside" });
  const side = element("button", { type: "button", class: "chip", onclick: () => set({ isBlinking: false }) }, t("Side by side"));
  const blink = element("button", { type: "button", class: "chip", onclick: () => set({ isBlinking: true }) }, t("Blink"));
  const previous = iconButton("chevron-left", t("Previous image"), () => turn(-1));
  const next = iconButton("chevron-right", t("Next image"), () => turn(1));
  const close = element("button", { type: "button", class: "button", onclick: () => dialog.close() }, t("Close"));
  dialog.append(
    element("div", { class: "picture-bar" }, title, element("div", { class: "filter-chips", role: "group", "aria-label": t("How to compare") }, side, blink), element("div", { class: "actions" }, previous, next, close)),
    element("div", { class: "picture-room" }, stage, aside),
    element("p", { class: "picture-keys soft small" }, t("Wheel or + and − zoom, dragging or arrows move, 0 shows all. B blinks, space shows the next picture, N and P the next and previous image.")),
  );

  /** @param {Partial<typeof state>} change */
  function set(change) {
    const isOther = change.item !== undefined && change.item !== state.item;
    Object.assign(state, change);
    if (isOther || !stage.firstChild) fill();
    show();
  }

  function fill() {
    const { title: name, about, pictures, aside: besides } = items[state.item];
    aside.replaceChildren(...(besides ? [besides(look)] : []));
    title.replaceChildren(element("strong", {}, name), ` ${about}`);
    stage.replaceChildren(
      ...pictures.map(({ label, address }) =>
        element("figure", {}, element("div", { class: "picture-window" }, element("img", { src: address, alt: t("{side} of {file}", { side: label, file: name }), draggable: "false" })), element("figcaption", {}, label)),
      ),
    );
  }

  /** @type {import("./cards.js").LookAt} */
  function look(box, shape) {
    const pane = stage.querySelector(".front .picture-window");
    if (pane) set({ view: viewOn(box, shape, pane.clientWidth / pane.clientHeight) });
  }

  function show() {
    stage.classList.toggle("blinking", state.isBlinking);
    [...stage.children].forEach((figure, n) => figure.classList.toggle("front", n === state.picture));
    for (const img of stage.querySelectorAll("img")) img.style.transform = transformOf(state.view);
    side.setAttribute("aria-pressed", String(!state.isBlinking));
    blink.setAttribute("aria-pressed", String(state.isBlinking));
    previous.disabled = state.item === 0;
    next.disabled = state.item === items.length - 1;
  }

  /** @param {1 | -1} by */
  function turn(by) {
    const item = Math.min(items.length - 1, Math.max(0, state.item + by));
    set({ item, view: WHOLE });
  }
  const nextPicture = () => set({ isBlinking: true, picture: (state.picture + 1) % items[state.item].pictures.length });

  /** @type {Record<string, () => void>} */
  const keys = {
    "+": () => set({ view: zoomed(state.view, ZOOM_STEP) }),
    "=": () => keys["+"](),
    "-": () => set({ view: zoomed(state.view, 1 / ZOOM_STEP) }),
    0: () => set({ view: WHOLE }),
    b: () => set({ isBlinking: !state.isBlinking }),
    " ": nextPicture,
    n: () => turn(1),
    p: () => turn(-1),
    ArrowLeft: () => set({ view: moved(state.view, MOVE_STEP, 0) }),
    ArrowRight: () => set({ view: moved(state.view, -MOVE_STEP, 0) }),
    ArrowUp: () => set({ view: moved(state.view, 0, MOVE_STEP) }),
    ArrowDown: () => set({ view: moved(state.view, 0, -MOVE_STEP) }),
  };
  dialog.addEventListener("keydown", (event) => {
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const presses = event.key === " " && event.target instanceof HTMLButtonElement;
    if (!act || presses || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  listenToPointer(stage, () => state.view, (view) => set({ view }));
  set({});
  const closed = shown(dialog);
  close.focus();
  return closed;
}

/** @param {string} icon @param {string} label @param {() => void} act */
function iconButton(icon, label, act) {
  const button = element("button", { type: "button", class: "button button-icon-only", "aria-label": label, title: label, onclick: act });
  button.append(spriteIcon(icon));
  return button;
}

/** @typedef {import("./zoom.js").View} View */

/** Wheel and dragging on any of the windows. @param {HTMLElement} stage @param {() => View} view @param {(view: View) => void} change */
function listenToPointer(stage, view, change) {
  /** @param {Event} event */
  const windowOf = (event) => /** @type {Element} */ (event.target).closest(".picture-window");
  stage.addEventListener(
    "wheel",
    (event) => {
      const box = windowOf(event)?.getBoundingClientRect();
      if (!box) return;
      event.preventDefault();
      change(zoomed(view(), Math.exp(-event.deltaY / 400), { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }));
    },
    { passive: false },
  );
  stage.addEventListener("pointerdown", (event) => {
    if (!windowOf(event) || event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const box = stage.querySelector(".front .picture-window")?.getBoundingClientRect();
    if (!box || !stage.hasPointerCapture(event.pointerId)) return;
    change(moved(view(), event.movementX / box.width, event.movementY / box.height));
  });
}
