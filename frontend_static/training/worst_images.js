/** The images the candidate does worst on: what is true, and what both models see there. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { isKnown, points, signed } from "./figures.js";
import { lookAtPictures } from "./picture_dialog.js";

/** @typedef {{image: number, file_name: string, champion_ap: number | null, candidate_ap: number | null, entities: number,
 *   champion_masks: number, candidate_masks: number, why: "lost" | "low"}} WorstRow */
/** @typedef {{label: string, address: string}} SidePicture */

/** @type {() => [why: WorstRow["why"], title: string][]} */
const groups = () => [["lost", t("Where the candidate lost most")], ["low", t("Where the candidate scores least")]];

/** @param {number} run @param {WorstRow[]} rows @returns {HTMLElement[]} */
export function worstImages(run, rows) {
  const ordered = groups().flatMap(([why]) => rows.filter((row) => row.why === why));
  const items = ordered.map((row) => ({ title: row.file_name, about: figuresOf(row), pictures: picturesOf(run, row.image) }));
  return groups().flatMap(([why, title]) => {
    const cards = ordered.flatMap((row, n) => (row.why === why ? [card(row, items[n].pictures, (picture) => lookAtPictures(items, n, picture))] : []));
    return cards.length ? [element("h3", { class: "worst-title" }, title), element("ul", { class: "worst-list" }, ...cards)] : [];
  });
}

/** @param {number} run @param {number} image @returns {SidePicture[]} */
const picturesOf = (run, image) =>
  /** @type {[string, string][]} */ ([["truth", t("Accepted")], ["champion", t("Champion")], ["candidate", t("Candidate")]]).map(([side, label]) => ({
    label,
    address: `/api/v1/training-runs/${run}/images/${image}/${side}.png`,
  }));

/** @param {WorstRow} row */
function figuresOf({ champion_ap: before, candidate_ap: after, entities, champion_masks: first, candidate_masks: second }) {
  const difference = isKnown(before) && isKnown(after) ? ` (${signed(after - before)})` : "";
  return [t("APᵉ {before} → {after}", { before: points(before), after: points(after) }) + difference, plural(entities, "{n} entity; proposed: {first} and {second}", "{n} entities; proposed: {first} and {second}", { first, second })].join(" · ");
}

/** @param {WorstRow} row @param {SidePicture[]} pictures @param {(picture: number) => void} open */
const card = (row, pictures, open) =>
  element(
    "li",
    { class: "card worst-card" },
    element("h4", {}, element("a", { href: `/images/${row.image}` }, row.file_name)),
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
