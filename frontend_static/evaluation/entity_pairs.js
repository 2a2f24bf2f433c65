/** Every entity of one image of a report and what became of it: counted by kind, and one line a pair. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { failedState } from "../shell/empty.js";
import { exactly, whole } from "../shell/formats.js";
import { api } from "../shell/page.js";

/** @typedef {"right" | "border" | "name" | "missing" | "extra" | "in_void"} PairKind */
/** @typedef {{kind: PairKind, true: number | null, found: number | null, iou: number | null, score: number | null, true_term: number | null, found_term: number | null,
 *   true_area: number | null, found_area: number | null}} Pair */
/** @typedef {{counts: Record<PairKind, number>, pairs: Pair[], legend: Record<string, string>, annotations: {truth: number | null, found: number | null}}} Detail */

/** @type {PairKind[]} */
const KINDS = ["missing", "extra", "name", "border", "in_void", "right"];
const MOST_PAIRS = 200;

/** @type {() => Record<PairKind, string>} */
export const kindNames = () => ({ right: t("Right"), border: t("Border off"), name: t("Wrong name"), missing: t("Missed"), extra: t("Not there"), in_void: t("On unlabelled ground") });

/** @param {number} report @param {number} image @returns {Promise<Detail>} */
export const loadDetail = (report, image) => api.get(`evaluation-reports/${report}/images/${image}`);

/** What the colours of the picture of errors say. @param {Record<string, string>} legend colours by kind */
export const errorLegend = (legend) =>
  element("ul", { class: "chart-legend error-legend", "aria-label": t("Colours of the errors") }, ...KINDS.filter((kind) => legend[kind]).map((kind) => element("li", {}, dot(legend[kind]), kindNames()[kind])));

/** @param {string} colour */
function dot(colour) {
  const node = element("i", { class: "error-dot", "aria-hidden": "true" });
  node.style.background = colour;
  return node;
}

/** Loaded when it is opened. @param {number} report @param {number} image @param {(term: number) => string} nameOf */
export function entityPairs(report, image, nameOf) {
  const place = element("div", { class: "entity-pairs" });
  const details = element("details", { class: "entity-details" }, element("summary", {}, t("Entities")), place);
  async function load() {
    place.setAttribute("aria-busy", "true");
    try {
      place.replaceChildren(...shownPairs(await loadDetail(report, image), nameOf));
    } catch (problem) {
      place.replaceChildren(failedState(problem, load));
    }
    place.removeAttribute("aria-busy");
  }
  details.addEventListener("toggle", () => details.open && !place.firstChild && load());
  return details;
}

/** @param {Detail} detail @param {(term: number) => string} nameOf */
function shownPairs({ counts, pairs, legend, annotations: { truth, found } }, nameOf) {
  const ordered = KINDS.flatMap((kind) => pairs.filter((pair) => pair.kind === kind));
  const heads = [t("What"), t("True"), t("Found"), "IoU", t("Score"), t("Pixels")];
  return [
    element("p", { class: "small number" }, KINDS.filter((kind) => counts[kind]).map((kind) => `${kindNames()[kind]}: ${whole(counts[kind])}`).join(" · ")),
    element(
      "div",
      { class: "table-scroll chart-table", tabindex: "0", role: "group", "aria-label": t("Entities") },
      element(
        "table",
        { class: "figure-table" },
        element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n > 2 ? "right" : "" }, name)))),
        element("tbody", {}, ...ordered.slice(0, MOST_PAIRS).map((pair) => line(pair, legend, nameOf))),
      ),
    ),
    truth && found && element("a", { class: "small", href: `/review/${truth}?with=${found}` }, t("Open both in the review page")),
    ordered.length > MOST_PAIRS && element("p", { class: "soft small" }, plural(ordered.length - MOST_PAIRS, "{n} more entity is in the JSON of this image.", "{n} more entities are in the JSON of this image.")),
  ].filter((node) => node instanceof HTMLElement);
}

/** @param {Pair} pair @param {Record<string, string>} legend @param {(term: number) => string} nameOf */
const line = (pair, legend, nameOf) =>
  element(
    "tr",
    {},
    element("td", { class: "nowrap" }, legend[pair.kind] && dot(legend[pair.kind]), kindNames()[pair.kind]),
    element("td", {}, entityName(pair.true, pair.true_term, nameOf)),
    element("td", {}, entityName(pair.found, pair.found_term, nameOf)),
    element("td", { class: "right" }, pair.iou === null ? "–" : exactly(pair.iou, 2)),
    element("td", { class: "right" }, pair.score === null ? "–" : exactly(pair.score, 2)),
    element("td", { class: "right" }, whole(pair.true_area ?? pair.found_area ?? 0)),
  );

/** "#4 tree". @param {number | null} number @param {number | null} term @param {(term: number) => string} nameOf */
const entityName = (number, term, nameOf) => (number === null ? "–" : [`#${number}`, term && nameOf(term)].filter(Boolean).join(" "));
