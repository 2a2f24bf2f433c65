/** The images the candidate does worst on: what is true, and what both models see there. */
import { pictureCards } from "../pictures/cards.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { isKnown, points, signed } from "./figures.js";

/** @typedef {{image: number, file_name: string, champion_ap: number | null, candidate_ap: number | null, entities: number,
 *   champion_masks: number, candidate_masks: number, why: "lost" | "low"}} WorstRow */

/** @type {() => [why: WorstRow["why"], title: string][]} */
const groups = () => [["lost", t("Where the candidate lost most")], ["low", t("Where the candidate scores least")]];

/** @param {number} run @param {WorstRow[]} rows @returns {HTMLElement[]} */
export function worstImages(run, rows) {
  const grouped = groups().map(([why, title]) => ({ title, items: rows.filter((row) => row.why === why).map((row) => itemOf(run, row)) }));
  const all = grouped.flatMap(({ items }) => items);
  return grouped.flatMap(({ title, items }) => (items.length ? [element("h3", { class: "picture-group" }, title), pictureCards(all, items)] : []));
}

/** @param {number} run @param {WorstRow} row @returns {import("../pictures/cards.js").PictureItem} */
const itemOf = (run, row) => ({ title: row.file_name, href: `/images/${row.image}`, about: figuresOf(row), pictures: picturesOf(run, row.image) });

/** @param {number} run @param {number} image @returns {import("../pictures/cards.js").SidePicture[]} */
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
