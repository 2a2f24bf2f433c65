/** How far a study is: by phase, and by person. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { day } from "../shell/formats.js";
import { allOf, partsBar, partsText } from "./study_words.js";

/** @typedef {import("./study_words.js").StudyRow} StudyRow */
/** @typedef {import("./study_words.js").Parts} Parts */

/** @param {StudyRow} study @returns {HTMLElement} */
export function studyProgress(study) {
  const { parts, protocol, people = [], too_few: tooFew = 0, first_due: firstDue } = study;
  const isLater = firstDue && Date.parse(firstDue) > Date.now();
  const phases = [phase(t("Masks"), parts.masks), ...(protocol.names_phase ? [phase(t("Names"), parts.names)] : [])];
  return element("div", { class: "study-phases" }, ...phases, isLater && element("p", { class: "notice study-people" }, t("What waits may be given out from {date} on.", { date: day(firstDue) })), tooFew > 0 && shortage(tooFew), people.length > 0 && peopleTable(study));
}

/** @param {number} images */
const shortage = (images) =>
  element("p", { class: "notice study-people" }, plural(images, "{n} image waits for more people than are left who know no masks of it. Invite members, or go on without them.", "{n} images wait for more people than are left who know no masks of them. Invite members, or go on without them."));

/** @param {string} name @param {Parts} parts */
const phase = (name, parts) =>
  element(
    "div",
    { class: "card padded study-phase" },
    element("h3", {}, name),
    element("p", { class: "soft small number" }, allOf(parts) ? [partsText(parts), parts.waiting ? t("{n} waiting", { n: parts.waiting }) : ""].filter(Boolean).join(" · ") : t("not begun")),
    partsBar(parts, t("{phase}: done", { phase: name })),
  );

/** @param {StudyRow} study */
function peopleTable({ people = [], protocol }) {
  const heads = [t("Annotator"), t("Masks done"), t("In hand"), ...(protocol.names_phase ? [t("Names done"), t("In hand")] : [])];
  return element(
    "div",
    { class: "table-scroll study-people", tabindex: "0", role: "region", "aria-label": t("Work by person") },
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, t("Work by person")),
      element("thead", {}, element("tr", {}, ...heads.map((head, n) => element("th", { scope: "col", class: n ? "right" : "" }, head)))),
      element(
        "tbody",
        {},
        ...people.map(({ username, name, masks, names }) =>
          element("tr", {}, element("th", { scope: "row" }, name || username), ...counts(masks), ...(protocol.names_phase ? counts(names) : [])),
        ),
      ),
    ),
  );
}

/** @param {Parts} parts */
const counts = ({ done, open }) => [done, open].map((count) => element("td", { class: "right number" }, count));
