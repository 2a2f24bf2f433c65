/** Cards of images, each with the pictures of its sides; a press shows them large. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { lookAtPictures } from "./dialog.js";

/** @typedef {{label: string, address: string}} SidePicture */
/** @typedef {(box: [left: number, top: number, right: number, bottom: number], shape: number) => void} LookAt
 *   box: shares of the picture; shape: its width over its height, for it may still be loading */
/** @typedef {{title: string, href: string, about: string, pictures: SidePicture[], more?: Node, aside?: (look: LookAt) => HTMLElement}} PictureItem
 *   more: below the pictures; aside: what stands beside them in the large view, and zooms them */

/**
 * @param {PictureItem[]} items  those the large view walks through @param {PictureItem[]} [shown] those of them that get a card here
 */
export const pictureCards = (items, shown = items) =>
  element("ul", { class: "picture-list" }, ...shown.map((item) => card(item, (picture) => lookAtPictures(items, items.indexOf(item), picture))));

/** @param {PictureItem} item @param {(picture: number) => void} open */
const card = ({ title, href, about, pictures, more }, open) =>
  element(
    "li",
    { class: "card picture-card" },
    element("h3", {}, element("a", { href }, title)),
    element("p", { class: "soft small number" }, about),
    element(
      "div",
      { class: "picture-sides" },
      ...pictures.map(({ label, address }, n) =>
        element(
          "button",
          { type: "button", class: "picture-side", "aria-label": t("{side} of {file}, larger", { side: label, file: title }), onclick: () => open(n) },
          element("img", { src: address, alt: "", loading: "lazy", decoding: "async" }),
          element("span", {}, label),
        ),
      ),
    ),
    more,
  );
