/** One piece of work in the queue: what it is, how far it is, and what may be done with it. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { ago, dimensions, percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";

/** @typedef {{assignment: number, annotation: number, image: number, project: number, project_name: string, file_name: string,
 *   width: number, height: number, annotator: string, state: string, round: string, coverage: number, entities: number,
 *   revision: number, changed_at: string, submitted_at: string | null, open_comments: number, thumbnail_url: string,
 *   reason?: string, reviewer?: string, reviewed_at?: string, may_review?: boolean,
 *   given_back?: {annotation: number, annotator: string, coverage: number}}} QueueRow */
/** @typedef {"returned" | "open" | "to_review" | "waiting" | "done"} Kind */
/** @typedef {{giveBack: (row: QueueRow) => void, goOn: (row: QueueRow) => void}} Acts */

/** @param {Kind} kind @param {QueueRow} row */
export function addressOf(kind, row) {
  return kind === "to_review" || (kind === "waiting" && row.may_review) ? `/review/${row.annotation}` : `/annotate/${row.annotation}`;
}

/** @param {Kind} kind @param {QueueRow} row @param {Acts} acts */
export function queueRow(kind, row, acts) {
  return element(
    "li",
    { class: "queue-row", data: { assignment: row.assignment } },
    element("img", { src: row.thumbnail_url, alt: "", loading: "lazy", decoding: "async", width: 96, height: 72 }),
    element(
      "div",
      { class: "queue-what" },
      element("a", { class: "queue-open", href: addressOf(kind, row), data: { key: `row-${row.assignment}` } }, row.file_name),
      element("p", { class: "soft small" }, [row.project_name, dimensions(row.width, row.height), kind === "to_review" && t("by {name}", { name: row.annotator })].filter(Boolean).join(" · ")),
      kind === "returned" && reasonOf(row),
      row.given_back && givenBack(row, acts),
    ),
    element(
      "div",
      { class: "queue-figures number" },
      element("strong", {}, percent(row.coverage)),
      element("span", { class: "soft small" }, plural(row.entities, "{n} mask", "{n} masks")),
      row.open_comments > 0 &&
        element("span", { class: "badge warn" }, plural(row.open_comments, "{n} open comment", "{n} open comments")),
    ),
    element("p", { class: "queue-when soft small" }, whenOf(kind, row)),
    element("div", { class: "queue-acts" }, (kind === "open" || kind === "returned") && row.round === "draw" && giveBackButton(row, acts)),
  );
}

/** @param {Kind} kind @param {QueueRow} row */
function whenOf(kind, row) {
  if (kind === "open") return t("Changed {when}", { when: ago(row.changed_at) });
  if (kind === "returned") return t("Returned {when}", { when: ago(row.reviewed_at ?? row.changed_at) });
  return t("Submitted {when}", { when: ago(row.submitted_at ?? row.changed_at) });
}

/** @param {QueueRow} row */
const reasonOf = (row) =>
  element("blockquote", { class: "queue-reason" }, row.reason || t("Without a reason."), row.reviewer && element("cite", {}, row.reviewer));

/** @param {QueueRow} row @param {Acts} acts */
function givenBack(row, acts) {
  const { annotator, coverage } = /** @type {{annotator: string, coverage: number}} */ (row.given_back);
  return element(
    "p",
    { class: "queue-given-back small" },
    t("{name} began this and gave it back at {share}.", { name: annotator, share: percent(coverage) }),
    " ",
    element("button", { type: "button", class: "button button-small", onclick: () => acts.goOn(row) }, t("Go on from there")),
  );
}

/** @param {QueueRow} row @param {Acts} acts */
const giveBackButton = (row, acts) =>
  element(
    "button",
    { type: "button", class: "button button-small button-quiet", "aria-label": t("Give back {name}", { name: row.file_name }), onclick: () => acts.giveBack(row) },
    spriteIcon("undo"),
    t("Give back"),
  );
