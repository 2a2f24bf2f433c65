/** How far people agree on masks and on names, as matrices that can be looked at in several ways. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { figureTable } from "../evaluation/figure_table.js";
import { heatTable } from "../plots/heat_table.js";
import { points } from "../training/figures.js";
import { matrixOf, pairsOf } from "./report_shape.js";

/** @typedef {import("./report_shape.js").Report} Report */
/** @typedef {import("./report_shape.js").Choice} Choice */

/** @type {() => [Choice["measure"], string, string][]} value, label, what it is */
const measures = () => [
  ["ap", "AP", t("Class-agnostic mask AP over IoU .50 to .95: the row's map is the truth, the column's are the detections. People give no scores, so equal ones are put in a stated order.")],
  ["pq", "PQ", t("Panoptic quality without regard to names, mean over images: the same in both directions, and it needs no order.")],
  ["f1", "F1", t("Share of entities with a partner of IoU .50 or more, mean over images: the same in both directions.")],
  ["covering", t("Covering"), t("The best IoU of each entity of the row's map, weighted by its area, mean over images.")],
];
/** @type {() => [Choice["form"], string][]} */
const forms = () => [["pooled", t("Pooled over images")], ["per_image", t("Mean of images")]];

/** @param {Report} report */
export function maskAgreement(report) {
  /** @type {Choice} */
  const choice = { measure: "ap", form: "pooled", order: "first" };
  /** @type {Record<string, string>} */
  const orders = { largest: t("Largest first"), smallest: t("Smallest first"), number: t("By number") };
  const { tie_break: first, other_tie_break: other } = report.masks;
  const about = element("p", { class: "soft" });
  const place = element("div", {});
  const ofPrecision = [chips(t("Over images"), forms(), "form"), chips(t("Order of equal scores"), [["first", orders[first] ?? first], ["other", orders[other.tie_break] ?? other.tie_break]], "order")];
  const switches = [chips(t("Measure"), measures().map(([value, label]) => [value, label]), "measure"), ...ofPrecision];

  /** @param {string} label @param {[string, string][]} options @param {keyof Choice} key */
  function chips(label, options, key) {
    const choose = (/** @type {string} */ value) => {
      Object.assign(choice, { [key]: value });
      show();
    };
    return element("div", { class: "filter-chips", role: "group", "aria-label": label, data: { key } }, ...options.map(([value, name]) => element("button", { type: "button", class: "chip", data: { value }, onclick: () => choose(value) }, name)));
  }

  function show() {
    for (const group of switches) {
      const key = /** @type {keyof Choice} */ (group.dataset.key);
      for (const chip of group.querySelectorAll("button")) chip.setAttribute("aria-pressed", String(chip.dataset.value === choice[key]));
    }
    for (const group of ofPrecision) group.hidden = choice.measure !== "ap";
    const [, label, what] = measures().find(([value]) => value === choice.measure) ?? measures()[0];
    about.textContent = what;
    const { values, bounds } = matrixOf(report, choice);
    place.replaceChildren(matrix(t("Agreement of masks, {measure}", { measure: label }), t("Truth, by row"), report.places, values, bounds));
  }
  show();
  return [element("div", { class: "report-switches" }, ...switches), about, place, intervalNote(), element("p", { class: "soft small" }, t("A1 is the first annotator of each image; A2 and on are those who drew it again, each image by whoever took that place."))];
}

const intervalNote = () => element("p", { class: "soft small" }, t("In percent. Below a figure its 95 % interval, from 1,000 resamplings of the images, where there is one."));

/**
 * @param {string} title @param {string} corner @param {Report["places"]} places @param {import("./report_shape.js").Matrix} values @param {import("./report_shape.js").Bounds | null} bounds
 */
function matrix(title, corner, places, values, bounds) {
  const names = places.map(({ label }) => label);
  return heatTable({
    title,
    corner,
    rows: names,
    columns: names,
    cell(row, column) {
      if (row === column) return null;
      const value = values[row][column];
      const range = bounds?.[row]?.[column];
      if (value === null) return { text: "–", title: t("Nothing to compare") };
      return { text: points(value), share: value, note: range ? `${points(range[0])} – ${points(range[1])}` : "", title: t("{truth} as the truth, {other} compared with it", { truth: names[row], other: names[column] }) };
    },
  });
}

/** @param {Report} report @returns {HTMLElement[]} */
export function nameAgreement({ names, places, new_terms: fresh }) {
  if (!names) return [element("p", { class: "soft" }, t("Nobody has named the first annotator's masks: the study had no second phase, or nothing of it was done."))];
  const one = (/** @type {string} */ title, /** @type {import("./report_shape.js").Matrix} */ values, /** @type {import("./report_shape.js").Bounds} */ bounds) => element("div", {}, element("h4", {}, title), matrix(title, t("Place"), places, values, bounds));
  return [
    element("p", { class: "soft" }, t("Share of the first annotator's masks that two people gave the same name, seeing only the masks.")),
    element("div", { class: "report-matrices" }, one(t("As typed"), names.accuracy, names.intervals), one(t("After the vocabulary's merges"), names.accuracy_merged, names.intervals_merged)),
    intervalNote(),
    ...(fresh ? [element("p", { class: "soft small" }, plural(fresh, "{n} name was a term made after the vocabulary was frozen.", "{n} names were terms made after the vocabulary was frozen."))] : []),
  ];
}

/** @param {Report} report */
export function besideThePaper({ masks, names, places, references }) {
  const ofNames = names && pairsOf(places, names.accuracy);
  const rows = pairsOf(places, masks.pooled).map(({ name, key, value }, n) => ({
    name,
    cells: [{ share: value }, { share: references.masks[key] }, ...(ofNames ? [{ share: ofNames[n].value }] : ["–"]), { share: references.names[key] }],
  }));
  return [
    element("p", { class: "soft" }, t("AP pooled, the mean of both directions, and accuracy of names as typed, beside {source}: {n} images, two further annotators four months later. The paper does not say in which order it put equal scores.", { source: references.source, n: references.images })),
    figureTable({ title: t("Beside the paper"), corner: t("Pair"), columns: [{ name: t("Masks here") }, { name: t("in the paper") }, { name: t("Names here") }, { name: t("in the paper") }], rows }),
  ];
}
