/** The pictures of one question: one, or two side by side that are zoomed and moved as one. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { moved, transformOf, WHOLE, zoomed } from "../pictures/zoom.js";

/** @typedef {import("../pictures/zoom.js").View} View */
/** @typedef {{label: string, badge: string, address: string}} Shown */
/** @typedef {{width: number, height: number, pictures: Shown[], bare: string}} Scene sizes in px; bare: the address of the picture without masks */

const STEP = 1.5;
const TAP_ZOOM = 2.5;

/** @param {HTMLElement} host */
export function createStage(host) {
  /** @type {View} */
  let view = WHOLE;
  /** @type {Scene | null} */
  let scene = null;

  function place() {
    for (const img of host.querySelectorAll("img")) img.style.transform = transformOf(view);
  }

  /** @param {View} next */
  function look(next) {
    view = next;
    place();
  }

  listenToPointers(host, () => view, look);

  return {
    /** @param {Scene} next */
    show(next) {
      scene = next;
      view = WHOLE;
      host.classList.remove("bare");
      host.classList.toggle("two", next.pictures.length === 2);
      host.classList.toggle("upright", next.width < next.height);
      host.style.setProperty("--ratio", String(next.width / next.height));
      host.replaceChildren(...next.pictures.map(pictureWindow));
    },
    /** The picture alone, while somebody wants to see it. @param {boolean} wanted */
    bare(wanted) {
      if (!scene) return;
      for (const pane of host.querySelectorAll(".stage-window")) {
        if (wanted && !pane.querySelector(".stage-bare")) pane.append(element("img", { class: "stage-bare", src: scene.bare, alt: "", draggable: "false" }));
      }
      host.classList.toggle("bare", wanted);
      place();
    },
    nearer: () => look(zoomed(view, STEP)),
    further: () => look(zoomed(view, 1 / STEP)),
    whole: () => look(WHOLE),
  };
}

/** @param {Shown} shown */
function pictureWindow({ label, badge, address }) {
  const pane = element("div", { class: "stage-window loading" });
  const img = element("img", { src: address, alt: label, draggable: "false" });
  img.addEventListener("load", () => pane.classList.remove("loading"));
  img.addEventListener("error", () => pane.replaceChildren(failed(pane, img, address)));
  pane.append(img, ...(badge ? [element("span", { class: "stage-badge", "aria-hidden": "true" }, badge)] : []));
  return element("div", { class: "stage-cell" }, pane);
}

/** @param {HTMLElement} pane @param {HTMLImageElement} img @param {string} address */
function failed(pane, img, address) {
  const again = element("button", { type: "button", class: "button button-small" }, t("Try again"));
  again.addEventListener("click", () => {
    img.src = `${address}?again=${Date.now()}`;
    pane.replaceChildren(img);
  });
  return element("div", { class: "stage-failed", role: "alert" }, element("p", {}, t("The picture did not arrive.")), again);
}

/** Wheel, dragging, two fingers and double taps on any window. @param {HTMLElement} host @param {() => View} view @param {(view: View) => void} look */
function listenToPointers(host, view, look) {
  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  /** @param {Event} event */
  const boxOf = (event) => /** @type {Element} */ (event.target).closest(".stage-window")?.getBoundingClientRect() ?? null;
  /** @param {{x: number, y: number}} point @param {DOMRect} box */
  const inBox = ({ x, y }, box) => ({ x: (x - box.left) / box.width, y: (y - box.top) / box.height });

  host.addEventListener(
    "wheel",
    (event) => {
      const box = boxOf(event);
      if (!box) return;
      event.preventDefault();
      look(zoomed(view(), Math.exp(-event.deltaY / 400), inBox({ x: event.clientX, y: event.clientY }, box)));
    },
    { passive: false },
  );
  host.addEventListener("dblclick", (event) => {
    const box = boxOf(event);
    if (box) look(view().scale > 1 ? WHOLE : zoomed(view(), TAP_ZOOM, inBox({ x: event.clientX, y: event.clientY }, box)));
  });
  host.addEventListener("pointerdown", (event) => {
    if (!boxOf(event) || event.button !== 0) return;
    /** @type {Element} */ (event.target).closest(".stage-window")?.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  host.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    const box = before && boxOf(event);
    if (!before || !box) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    const share = other ? 0.5 : 1;
    let next = moved(view(), (share * (now.x - before.x)) / box.width, (share * (now.y - before.y)) / box.height);
    if (other) next = zoomed(next, distance(now, other) / Math.max(1, distance(before, other)), inBox({ x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, box));
    look(next);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    host.addEventListener(end, (event) => fingers.delete(/** @type {PointerEvent} */ (event).pointerId));
  }
}

/** @typedef {{x: number, y: number}} Point */

/** @param {Point} a @param {Point} b */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
