/** The images the candidate does worst on: what is true, and what both models see there. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { isKnown, points, signed } from "./figures.js";
import { lookAtPictures } from "./picture_dialog.js";

/** @typedef {{image: number, file_name: string, champion_ap: number | null, candidate_ap: number | null, entities: number}} WorstRow */
/** @typedef {{label: string, address: string}} SidePicture */

/** @param {number} run @param {WorstRow[]} rows */
export function worstImages(run, rows) {
  const items = rows.map((row) => ({ title: row.file_name, about: figuresOf(row), pictures: picturesOf(run, row.image) }));
  return element("ul", { class: "worst-list" }, ...rows.map((row, n) => card(row, items[n].pictures, (picture) => lookAtPictures(items, n, picture))));
}

/** @param {number} run @param {number} image @returns {SidePicture[]} */
const picturesOf = (run, image) =>
  /** @type {[string, string][]} */ ([["truth", t("Accepted")], ["champion", t("Champion")], ["candidate", t("Candidate")]]).map(([side, label]) => ({
    label,
    address: `/api/v1/training-runs/${run}/images/${image}/${side}.png`,
  }));

/** @param {WorstRow} row */
function figuresOf({ champion_ap: before, candidate_ap: after, entities }) {
  const difference = isKnown(before) && isKnown(after) ? ` (${signed(after - before)})` : "";
  return [t("APᵉ {before} → {after}", { before: points(before), after: points(after) }) + difference, plural(entities, "{n} entity", "{n} entities")].join(" · ");
}

/** @param {WorstRow} row @param {SidePicture[]} pictures @param {(picture: number) => void} open */
const card = (row, pictures, open) =>
  element(
    "li",
    { class: "card worst-card" },
    element("h3", {}, element("a", { href: `/images/${row.image}` }, row.file_name)),
    element("p", { class: "soft small number" }, figuresOf(row)),
    element(
      "div",
      { class: "worst-pictures" },
      ...pictures.map(({ label, address }, n) =>
        element(
          "button",
          { type: "button", class: "worst-picture", "aria-label": t("{side} of {file}, larger", { side: label, file: row.file_name }), onclick: () => open(n) },
          element("img", { src: address, alt: "", loading: "lazy", decoding: "async" }),
          element("span", {}, label),
        ),
      ),
    ),
  );
