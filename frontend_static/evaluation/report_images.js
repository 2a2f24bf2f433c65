/** The images of a report, worst or best first: truth, found and errors beside each other. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { pictureCards } from "../pictures/cards.js";
import { fillOrFail } from "../shell/empty.js";
import { api, latest, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { points } from "../training/figures.js";
import { entityPairs, errorLegend, loadDetail } from "./entity_pairs.js";

/** @typedef {{image: number, file_name: string, width: number, height: number, AP: number | null, AP50: number | null, PQ: number | null, F1: number | null,
 *   covering: number | null, boundary_AP: number | null, true: number, found: number}} ImageRow */

const PAGE_SIZE = 6;

/** @type {() => [ordering: string, label: string][]} */
const orderings = () => [
  ["ap", t("Worst AP")],
  ["-ap", t("Best AP")],
  ["pq", t("Worst PQ")],
  ["boundary_ap", t("Worst borders")],
  ["-true", t("Most entities")],
  ["image", t("In order")],
];

/** @param {number} report @param {{hasBoundary: boolean, nameOf: (term: number) => string}} options @returns {HTMLElement} */
export function reportImages(report, { hasBoundary, nameOf }) {
  const view = { ordering: "ap", page: 1 };
  const chips = element("div", { class: "filter-chips", role: "group", "aria-label": t("Order of the images") });
  const legend = element("div", {});
  const list = element("div", { "aria-busy": "true" });
  const pager = element("nav", { "aria-label": t("Pages of images") });
  const load = latest((signal) => api.get(`evaluation-reports/${report}/images${query({ ordering: view.ordering, page: view.page, page_size: PAGE_SIZE })}`, { signal }));

  function refresh() {
    showChips();
    return fillOrFail(list, refresh, async () => {
      const answer = await load();
      if (answer) show(answer);
    });
  }

  /** @param {{count: number, results: ImageRow[]}} answer */
  function show({ count, results }) {
    list.replaceChildren(pictureCards(results.map((row) => itemOf(report, row, nameOf))));
    renderPager(pager, { count, page: view.page, pageSize: PAGE_SIZE, show: (page) => change({ page }) });
    if (results.length && !legend.firstChild) loadDetail(report, results[0].image).then((detail) => legend.replaceChildren(errorLegend(detail.legend)), () => undefined); // the pictures speak without it
  }

  /** @param {Partial<typeof view>} wanted */
  function change(wanted) {
    Object.assign(view, wanted);
    refresh();
  }

  function showChips() {
    const focused = chips.contains(document.activeElement);
    const shown = orderings().filter(([ordering]) => hasBoundary || ordering !== "boundary_ap");
    chips.replaceChildren(
      ...shown.map(([ordering, label]) => element("button", { type: "button", class: "chip", "aria-pressed": String(ordering === view.ordering), onclick: () => change({ ordering, page: 1 }) }, label)),
    );
    if (focused) /** @type {HTMLElement | null} */ (chips.querySelector("[aria-pressed=true]"))?.focus();
  }

  refresh();
  return element("div", {}, element("div", { class: "image-order" }, chips, legend), list, pager);
}

/** @param {number} report @param {ImageRow} row @param {(term: number) => string} nameOf @returns {import("../pictures/cards.js").PictureItem} */
const itemOf = (report, row, nameOf) => ({
  title: row.file_name,
  href: `/images/${row.image}`,
  about: imageFigures(row),
  pictures: sidesOf(report, row.image),
  more: entityPairs(report, row.image, nameOf),
});

/** @param {number} report @param {number} image @returns {import("../pictures/cards.js").SidePicture[]} */
export const sidesOf = (report, image) =>
  /** @type {[string, string][]} */ ([["truth", t("True")], ["found", t("Found")], ["errors", t("Errors")]]).map(([side, label]) => ({ label, address: `/api/v1/evaluation-reports/${report}/images/${image}/${side}.png` }));

/** @param {ImageRow} row */
const imageFigures = (row) =>
  [`AP ${points(row.AP)}`, `PQ ${points(row.PQ)}`, row.boundary_AP !== null && t("borders {figure}", { figure: points(row.boundary_AP) }), plural(row.true, "{n} true", "{n} true"), plural(row.found, "{n} found", "{n} found")].filter(Boolean).join(" · ");
