/** What came of a review, in sight while one works: the reviewer's reasons, or whose map this is. */
import { element } from "../../shared/dom.js";
import { plural, t } from "../../shared/translate.js";

/** @param {HTMLElement} host @param {Record<string, any>} detail  GET annotations/{id} */
export function createReturnedNote(host, detail) {
  const parts = noteOn(detail);
  host.hidden = parts.length === 0;
  host.append(...parts);
}

/** @param {Record<string, any>} detail @returns {HTMLElement[]} nothing where there is nothing to say */
function noteOn({ id, state, original, replaced_by: replacedBy, open_comments: openComments, reviews: [latest] }) {
  if (original) {
    return [
      element("strong", {}, t("Your corrected map of {person}'s work", { person: original.author.name })),
      element("p", {}, t("Submitting it accepts it in place of theirs."), " ", element("a", { href: `/review/${original.id}${location.search}` }, t("Back to the review"))),
    ];
  }
  if (replacedBy) {
    return [
      element("strong", {}, t("Corrected and accepted by {person}", { person: latest?.reviewer ?? "" })),
      element("p", {}, element("a", { href: `/review/${id}` }, t("See what was changed"))),
    ];
  }
  if (state !== "returned" || !latest) return [];
  const reason = latest.reason && element("blockquote", { class: "returned-reason" }, latest.reason);
  const waiting = openComments > 0 && element("p", {}, plural(openComments, "{n} open comment; F8 goes to it.", "{n} open comments; F8 goes from one to the next."));
  return [element("strong", {}, t("Returned by {person}", { person: latest.reviewer })), reason, waiting].filter((part) => part instanceof HTMLElement);
}
