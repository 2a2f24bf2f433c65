/** The images of a study by agreement, the least first; a press shows two people's maps, and what they disagree on, large. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { lookAtPictures } from "../pictures/dialog.js";
import { fillOrFail } from "../shell/empty.js";
import { choice } from "../shell/fields.js";
import { api, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { busyWhile } from "../shell/toast.js";
import { points } from "../training/figures.js";
import { kindBadges } from "./kinds.js";
import { pairItems } from "./pair_items.js";

/** @typedef {import("./report_shape.js").ImageAgreement & {thumbnail_url: string}} ImageRow */

const PAGE_SIZE = 12;

/** @type {() => [value: string, label: string][]} */
const orders = () => [["pq", t("least PQ first")], ["f1", t("least F1 first")], ["ap", t("least AP first")], ["covering", t("least covering first")], ["-pq", t("most PQ first")], ["image", t("by image")]];

/** @param {number} study closed */
export function imagesByAgreement(study) {
  const list = element("div", { "aria-busy": "true" });
  const pager = element("nav", { "aria-label": t("Pages of images") });
  const order = choice({ class: "inline-select", "aria-label": t("Order of images") }, orders());
  let page = 1;

  function refresh() {
    return fillOrFail(list, refresh, async () => {
      const { count, results } = await api.get(`studies/${study}/images${query({ ordering: order.value, page, page_size: PAGE_SIZE })}`);
      list.replaceChildren(element("ul", { class: "study-images" }, ...results.map((/** @type {ImageRow} */ row) => card(study, row))));
      renderPager(pager, { count, page, pageSize: PAGE_SIZE, show: turn });
    });
  }

  /** @param {number} target */
  function turn(target) {
    page = target;
    refresh();
  }
  order.addEventListener("change", () => turn(1));
  refresh();
  return [element("p", { class: "soft" }, t("Means over each two people who drew the image."), " ", order), list, pager];
}

/** @param {number} study @param {ImageRow} row */
function card(study, row) {
  const { image, file_name: file = "", thumbnail_url: thumbnail, kinds } = row;
  const compare = element("button", { type: "button", class: "button button-small", "aria-label": t("Compare the maps of {file}", { file }) }, t("Compare the maps"));
  compare.addEventListener("click", () => busyWhile(compare, async () => {
    const items = pairItems(study, await api.get(`studies/${study}/images/${image}`));
    void lookAtPictures(items, 0, 0);
  }));
  return element(
    "li",
    { class: "card study-image" },
    element("img", { src: thumbnail, alt: "", loading: "lazy", decoding: "async" }),
    element(
      "div",
      {},
      element("h4", {}, element("a", { href: `/images/${image}` }, file)),
      element("p", { class: "small number" }, ["pq", "f1", "ap", "covering"].map((key) => `${measureName(key)} ${points(row[/** @type {"pq"} */ (key)])}`).join(" · ")),
      element("p", { class: "kind-counts" }, ...(Object.values(kinds).some(Boolean) ? kindBadges(kinds) : [element("span", { class: "soft small" }, t("No disagreement"))])),
      compare,
    ),
  );
}

/** @param {string} key */
const measureName = (key) => (key === "covering" ? t("Covering") : key.toUpperCase());

