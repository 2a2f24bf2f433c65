/** Drawings made for the width there is, px, so that their letters have the size of the page's: again when it changes, and for paper. */
import { element } from "../shared/dom.js";

/** @typedef {(width: number) => Node} Draw width: px */

const [FIRST, LEAST] = [640, 240];
// What a card has on a page of A4, upright, with a browser's own margins.
const PAPER = 640;
/** @type {WeakMap<Element, (width: number) => void>} by the ruler of each */
const redraws = new WeakMap();
/** @type {ResizeObserver | undefined} */
let observer;

/**
 * What `draw` makes, at the width of where it stands. Only its ruler is watched, which has no height: no drawing can set off another.
 * @param {Draw} draw
 */
export function fitted(draw) {
  const ruler = element("div", { class: "chart-ruler" });
  const host = element("div", { class: "chart-fit" });
  let drawn = 0;
  const redraw = (/** @type {number} */ width) => {
    const wanted = Math.max(LEAST, Math.round(width));
    if (wanted === drawn) return;
    drawn = wanted;
    host.replaceChildren(ruler, draw(wanted));
  };
  redraws.set(ruler, redraw);
  redraw(FIRST);
  watcher().observe(ruler);
  return host;
}

/** One for all drawings; it reports once a frame, before the page is painted. */
function watcher() {
  if (observer) return observer;
  addEventListener("beforeprint", () => redrawAll(() => PAPER));
  addEventListener("afterprint", () => redrawAll((ruler) => ruler.clientWidth));
  observer = new ResizeObserver((entries) => entries.forEach(({ target, contentRect }) => contentRect.width > 0 && redraws.get(target)?.(contentRect.width)));
  return observer;
}

/** @param {(ruler: Element) => number} widthOf */
const redrawAll = (widthOf) => document.querySelectorAll(".chart-ruler").forEach((ruler) => redraws.get(ruler)?.(widthOf(ruler)));
