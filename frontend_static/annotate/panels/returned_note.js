/** What the reviewer asked for, in sight while the annotator works on it. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";

/** @param {HTMLElement} host @param {Record<string, any>} detail  GET annotations/{id} */
export function createReturnedNote(host, detail) {
  const [latest] = detail.reviews;
  host.hidden = detail.state !== "returned" || !latest?.reason;
  if (host.hidden) return;
  host.append(
    element("strong", {}, t("Returned by {person}", { person: latest.reviewer })),
    element("blockquote", { class: "returned-reason" }, latest.reason),
  );
}
