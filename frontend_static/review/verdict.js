/** The reviewer's verdict, where the annotation stands, and what was said before. */
import { askChoice, askForm } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { LANGUAGE, t } from "../shared/translate.js";

/** @type {Record<string, [string, string]>} state → tone and words */
const STATES = {
  draft: ["info", t("Being drawn")],
  submitted: ["warn", t("Waiting for review")],
  returned: ["bad", t("Returned")],
  accepted: ["good", t("Accepted")],
  frozen: ["violet", t("Model's proposal")],
};

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail  GET annotations/{id}
 * @param {import("../annotate/commands.js").Actions} parts.actions
 * @param {(sentence: string) => void} parts.say
 */
export function createVerdict({ api, detail, actions, say }) {
  let canReview = false;
  const accept = element("button", { type: "button", class: "button button-primary", title: "A", onclick: () => actions.run("review.accept") }, t("Accept"));
  const sendBack = element("button", { type: "button", class: "button", title: "Shift+A", onclick: () => actions.run("review.return") }, t("Return…"));
  const pastReviews = element("div", { class: "past-reviews" });
  find("#review-controls").append(sendBack, accept);

  /** @param {Record<string, any>} now  GET annotations/{id} */
  function show(now) {
    canReview = now.can_review;
    accept.disabled = sendBack.disabled = !canReview;
    const [tone, words] = STATES[now.state] ?? ["", now.state];
    find("#review-state").replaceChildren(
      element("span", { class: "soft" }, t("by {person}", { person: now.author.name })),
      element("span", { class: `badge ${tone}`, data: { state: now.state } }, words),
    );
    pastReviews.replaceChildren(...now.reviews.map(rowOf));
    pastReviews.hidden = now.reviews.length === 0;
  }

  /** @param {"accept" | "return"} verdict @param {string} reason */
  async function give(verdict, reason) {
    show(await api.post(`annotations/${detail.id}/review`, { verdict, reason }));
  }

  async function askToAccept() {
    const choice = await askChoice({
      title: t("Accept this annotation?"),
      body: [element("p", {}, t("Accepted is final: it can be released and trained on, and is not edited any more."))],
      choices: [
        { label: t("Cancel"), value: "" },
        { label: t("Accept"), value: "accept", kind: "primary" },
      ],
    });
    if (choice !== "accept") return;
    try {
      await give("accept", "");
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  const askForReason = () =>
    askForm({
      title: t("Return to the annotator"),
      body: [
        element(
          "div",
          { class: "field" },
          element("label", { for: "return-reason" }, t("What should be changed?")),
          element("textarea", { id: "return-reason", name: "reason", rows: 4, required: true, maxlength: 5000 }),
          element("span", { class: "hint" }, t("The annotator sees this when the image comes back.")),
        ),
      ],
      accept: t("Return"),
      kind: "danger",
      submit: (data) => give("return", String(data.get("reason"))),
    });

  actions.add(
    { id: "review.accept", label: t("Accept"), group: t("Review"), keys: ["a"], enabled: () => canReview, run: () => void askToAccept() },
    { id: "review.return", label: t("Return with a reason"), group: t("Review"), keys: ["shift+a"], enabled: () => canReview, run: () => void askForReason() },
  );
  show(detail);
  return { pastReviews };
}

/** @param {{verdict: string, reason: string, reviewer: string, created_at: string}} review */
const rowOf = ({ verdict, reason, reviewer, created_at: at }) =>
  element(
    "div",
    { class: `past-review ${verdict}` },
    reason && element("blockquote", {}, reason),
    element("p", {}, `${verdict === "accept" ? t("Accepted by {person}", { person: reviewer }) : t("Returned by {person}", { person: reviewer })}, `, element("time", { datetime: at }, new Date(at).toLocaleString(LANGUAGE))),
  );
