/** What decides a report's figures, so that anyone comes to the same ones. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";
import { complain, note } from "../shell/toast.js";
import { boundaryChoices, overlapChoices, similarityChoices, voidChoices } from "./option_choices.js";
import { reportAddress } from "./report_row.js";

/** @param {import("./report_row.js").ReportRow} report */
export function reproduce(report) {
  const { options } = report;
  /** @type {[string, import("../shared/dom.js").Child][]} */
  const rows = [
    [t("Taken for true"), report.truth_label],
    [t("Judged"), report.found_label],
    [t("Split"), report.split || t("all splits")],
    [t("Masks that overlap"), labelOf(overlapChoices(), options.overlap)],
    [t("Void of the truth"), labelOf(voidChoices(), options.void)],
    [t("Names count as equal"), labelOf(similarityChoices(), options.similarity)],
    [t("Borders"), labelOf(boundaryChoices(), options.boundary === false ? "" : "yes")],
    [t("Figures taken from"), report.same_as && element("a", { href: reportAddress({ project: report.project, id: report.same_as }) }, t("report #{id} of the same inputs", { id: report.same_as }))],
  ];
  return element(
    "div",
    {},
    element("p", { class: "soft" }, t("The digest names every label map, score and term, the options and the version of the measures. The same digest gives the same report, byte for byte.")),
    report.inputs_sha256 && digest(report.inputs_sha256),
    element("dl", { class: "card padded report-settings" }, ...rows.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
  );
}

/** @param {import("./option_choices.js").OptionChoice[]} choices @param {string | undefined} value */
const labelOf = (choices, value) => choices.find((choice) => choice.value === value)?.label ?? value;

/** @param {string} sha256 */
function digest(sha256) {
  const copy = element("button", { type: "button", class: "button button-small" }, spriteIcon("copy"), t("Copy"));
  copy.addEventListener("click", () => navigator.clipboard.writeText(sha256).then(() => note(t("Digest copied.")), complain));
  return element("div", { class: "copyable digest-line" }, element("code", {}, sha256), copy);
}
