/** Who took part, by pseudonym, whether they count, and what they wrote. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { percent } from "../shell/formats.js";

/** @typedef {import("./results.js").Results} Results */
/** @typedef {import("./results.js").PersonRow} PersonRow */

/** @param {Results} told */
export function participantTable({ participants, rule }) {
  const out = participants.filter(({ counts }) => !counts).length;
  const heads = [t("Participant"), t("Answered"), t("Attention checks failed"), t("Counts")];
  return [
    element("p", { class: "soft" }, [plural(participants.length - out, "{n} counts.", "{n} count."), out > 0 && plural(out, "{n} is left out.", "{n} are left out."), t("Left out is who fails more attention checks than the {n} allowed, or has answered less than {share} of the questions.", { n: rule.allowed_failures, share: percent(rule.least_answered, 0) })].filter(Boolean).join(" ")),
    element(
      "div",
      { class: "table-scroll people-table", tabindex: "0", role: "region", "aria-label": t("Table of participants") },
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n === 1 || n === 2 ? "right" : "" }, name)))),
        element("tbody", {}, ...participants.map(personRow)),
      ),
    ),
  ];
}

/** @param {PersonRow} person */
const personRow = (person) =>
  element(
    "tr",
    {},
    element("th", { scope: "row" }, person.participant, person.is_member && element("span", { class: "soft small" }, ` ${t("member")}`)),
    element("td", { class: "right" }, `${person.answered} / ${person.asked}`),
    element("td", { class: "right" }, person.checks ? `${person.failed} / ${person.checks}` : "–"),
    element("td", {}, element("span", { class: `badge ${person.counts ? "good" : "warn"}` }, verdict(person))),
  );

/** @param {PersonRow} person */
function verdict({ counts, reason, is_finished: isFinished }) {
  if (counts) return isFinished ? t("Counts, finished") : t("Counts");
  if (reason === "failed_checks") return t("Left out: attention checks");
  return isFinished ? t("Left out: too few answers") : t("Left out so far: too few answers");
}

/** @param {Results} told */
export const commentList = ({ comments, set_labels: labels }) => element("ul", { class: "survey-comments" }, ...comments.map((row) => commentItem(row, labels)));

/** @param {import("./results.js").CommentRow} row @param {string[]} labels */
const commentItem = (row, labels) =>
  element(
    "li",
    { class: "card" },
    element("blockquote", {}, row.text),
    element(
      "p",
      { class: "soft small" },
      `${row.participant} · `,
      element("a", { href: `/images/${row.image}` }, row.file_name),
      ` · ${saidText(row, labels)}`,
      row.is_check && ` · ${t("attention check")}`,
    ),
  );

/** @param {import("./results.js").CommentRow} row @param {string[]} labels */
function saidText({ said, first, second }, labels) {
  if (typeof said === "number") return t("score {n}", { n: said });
  if (said === "same") return t("no difference");
  const chosen = said === "first" ? first : second;
  return chosen === null ? t("not the check's map") : t("preferred {set}", { set: labels[chosen] });
}
