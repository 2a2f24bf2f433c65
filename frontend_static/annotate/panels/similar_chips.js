/** "3 similar unnamed here": pictures of entities like the one just named, to tick and to name together. */
import { element, icon } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";

const CROSS = "M6 6l12 12M18 6 6 18";

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../propagation.js").Propagation} parts.propagation
 * @param {ReturnType<typeof import("./thumbnails.js").createThumbnails>} parts.thumbnails
 * @param {(number: number) => void} parts.show  point to an entity on the canvas; 0 to none
 * @param {() => string} parts.key  that takes the offer
 */
export function createSimilarChips(host, { propagation, thumbnails, show, key }) {
  const title = element("p", { class: "similar-title", role: "status" });
  const list = element("div", { class: "similar-chips", role: "group", "aria-label": t("Similar entities") });
  const take = element("button", { type: "button", title: t("Give the name also to the similar entities ticked"), class: "button button-small similar-take", onclick: propagation.take });
  const forget = element("button", { type: "button", class: "icon-button similar-forget", "aria-label": t("Not now"), title: t("Not now"), onclick: propagation.forget }, icon(CROSS, 13));
  const box = element("div", { class: "similar", hidden: true }, element("div", { class: "similar-head" }, title, forget), list, take);
  host.append(box);
  /** @type {Map<number, HTMLCanvasElement>} kept while one offer lasts, so that ticking draws nothing anew */
  let pictures = new Map();

  /** @param {number} number */
  function pictureOf(number) {
    let canvas = pictures.get(number);
    if (!canvas) {
      canvas = element("canvas", { class: "similar-picture", width: 88, height: 88, "aria-hidden": "true" });
      pictures.set(number, canvas);
      thumbnails.draw(number, canvas).catch(console.error);
    }
    return canvas;
  }

  /** @param {import("../propagation.js").Offered} row */
  function chip({ number, similarity, checked }) {
    const share = Math.floor(100 * similarity);
    return element(
      "button",
      {
        type: "button", class: "similar-chip", "aria-pressed": String(checked), data: { number },
        "aria-label": t("Entity #{number}, {share} % alike", { number, share }),
        onclick: () => propagation.toggle(number), onpointerenter: () => show(number), onpointerleave: () => show(0),
      },
      pictureOf(number),
      element("span", { class: "similar-share" }, `${share} %`),
    );
  }

  propagation.onChange((offer) => {
    box.hidden = !offer;
    if (!offer) {
      pictures = new Map();
      list.replaceChildren();
      title.textContent = "";
      return;
    }
    const { term, offered } = offer;
    const count = offered.filter(({ checked }) => checked).length;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.number;
    title.textContent = plural(offered.length, "{n} similar unnamed here", "{n} similar unnamed here");
    list.replaceChildren(...offered.map(chip));
    take.replaceChildren(element("span", {}, t("{n} × {name}", { n: count, name: term.name })), element("kbd", {}, key()));
    take.disabled = count === 0;
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-number="${focused}"]`))?.focus();
  });
}
