/** The reviewer's verdict: accept as drawn, accept one's own map in its place, or return with reasons. */
import { ApiError } from "../shared/api.js";
import { askChoice, askForm } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { LANGUAGE, plural, t } from "../shared/translate.js";
import { openNext } from "../queue/next_work.js";
import { busyWhile } from "../shell/toast.js";

/** @type {Record<string, [string, string]>} state → tone and words */
const STATES = {
  draft: ["info", t("Being drawn")],
  submitted: ["warn", t("Waiting for review")],
  returned: ["bad", t("Returned")],
  accepted: ["good", t("Accepted")],
  replaced: ["violet", t("Replaced by a reviewer's map")],
  frozen: ["violet", t("Model's proposal")],
};

/** @type {Record<string, (person: string) => string>} */
const SAID = {
  accept: (person) => t("Accepted by {person}", { person }),
  return: (person) => t("Returned by {person}", { person }),
  replace: (person) => t("Corrected and accepted by {person}", { person }),
};

/** @typedef {import("./own_map.js").OwnMap} OwnMap */
/** @typedef {{verdict: string, reason: string, reviewer: string, created_at: string, comments: number[]}} PastReview */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail  GET annotations/{id}
 * @param {import("../annotate/commands.js").Actions} parts.actions
 * @param {() => OwnMap | null} parts.ownMap
 * @param {() => {text: string, where: string}[]} parts.openComments
 * @param {(state: string) => void} parts.onVerdict
 * @param {(sentence: string) => void} parts.say
 */
export function createVerdict({ api, detail, actions, ownMap, openComments, onVerdict, say }) {
  let canReview = false;
  const accept = element("button", { type: "button", class: "button button-primary", data: { keys: "review.accept" }, onclick: () => actions.run("review.accept") }, t("Accept"));
  const acceptOwn = element("button", { type: "button", class: "button button-primary", data: { keys: "review.accept_own" }, hidden: true, onclick: () => actions.run("review.accept_own") }, t("Accept my map"));
  const sendBack = element("button", { type: "button", class: "button", data: { keys: "review.return" }, onclick: () => actions.run("review.return") }, t("Return…"));
  const next = element("button", { type: "button", class: "button button-primary", data: { keys: "review.next" }, hidden: true, onclick: () => actions.run("review.next") }, t("Next piece of work"));
  const pastReviews = element("div", { class: "past-reviews" });
  find("#review-controls").append(sendBack, accept, acceptOwn, next);

  /** @param {Record<string, any>} now  GET annotations/{id} */
  function show(now) {
    canReview = now.can_review;
    accept.disabled = sendBack.disabled = acceptOwn.disabled = !canReview;
    const [tone, words] = STATES[now.state] ?? ["", now.state];
    find("#review-state").replaceChildren(
      element("span", { class: "soft" }, t("by {person}", { person: now.author.name })),
      element("span", { class: `badge ${tone}`, data: { state: now.state } }, words),
    );
    pastReviews.replaceChildren(...now.reviews.map(rowOf));
    pastReviews.hidden = now.reviews.length === 0;
  }

  /** With a map of one's own, accepting the annotator's as drawn is the lesser choice. */
  function showOwn() {
    acceptOwn.hidden = !ownMap();
    accept.classList.toggle("button-primary", !ownMap());
    accept.textContent = ownMap() ? t("Accept as drawn") : t("Accept");
  }

  /** @param {"accept" | "return"} verdict @param {string} reason */
  async function give(verdict, reason) {
    done(await api.post(`annotations/${detail.id}/review`, { verdict, reason }));
  }

  /** The verdict is given: what comes next takes the place of what cannot be done again. @param {Record<string, any>} now */
  function done(now) {
    show(now);
    onVerdict(now.state);
    for (const button of [sendBack, accept, acceptOwn]) button.hidden = true;
    next.hidden = false;
    next.focus();
  }

  /** @param {() => Promise<unknown>} work */
  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  async function askToAccept() {
    const waiting = openComments().length;
    const choice = await askChoice({
      title: ownMap() ? t("Accept the annotator's map as it was drawn?") : t("Accept this annotation?"),
      body: [
        element("p", {}, t("Accepted is final: it can be released and trained on, and is not edited any more.")),
        ownMap() && element("p", {}, t("Your own map is set aside; it stays in the history.")),
        waiting > 0 && element("p", {}, plural(waiting, "{n} comment is still open.", "{n} comments are still open.")),
      ],
      choices: [
        { label: t("Cancel"), value: "" },
        { label: t("Accept"), value: "accept", kind: "primary" },
      ],
    });
    if (choice === "accept") await attempt(() => give("accept", ""));
  }

  async function askToAcceptOwn() {
    const own = ownMap();
    if (!own) return;
    const choice = await askChoice({
      title: t("Accept your corrected map?"),
      body: [element("p", {}, t("Your map stands for this image from now on. {person}'s is marked as replaced; they see what you changed.", { person: detail.author.name }))],
      choices: [
        { label: t("Cancel"), value: "" },
        { label: t("Accept my map"), value: "accept", kind: "primary" },
      ],
    });
    if (choice === "accept") await attempt(() => submitOwn(own, false));
  }

  /** @param {OwnMap} own @param {boolean} allowUnnamed */
  async function submitOwn(own, allowUnnamed) {
    if (!(await own.autosave.settle())) throw new Error(t("Your map is not saved yet: {why}", { why: own.autosave.status().sentence }));
    try {
      await api.post(`annotations/${own.annotation}/submit`, { lease: own.lease.token(), allow_unnamed: allowUnnamed });
    } catch (error) {
      if (!(error instanceof ApiError) || !["coverage", "unnamed"].includes(error.code)) throw error;
      await settlePolicy(own, error);
      return;
    }
    own.lease.stop();
    done(await api.get(`annotations/${detail.id}`));
  }

  /** The project's policy asks for more than the map has. @param {OwnMap} own @param {ApiError} refusal */
  async function settlePolicy(own, { message, code, body }) {
    const mayAccept = code === "unnamed" && !body.names_required;
    const choice = await askChoice({
      title: code === "unnamed" ? t("Entities without a name") : t("Not covered yet"),
      body: [element("p", {}, message)],
      choices: [
        { label: t("Back to the review"), value: "" },
        ...(mayAccept ? [{ label: t("Accept anyway"), value: "anyway" }] : []),
        { label: t("Open it in the editor"), value: "edit", kind: /** @type {const} */ ("primary") },
      ],
    });
    if (choice === "anyway") await submitOwn(own, true);
    if (choice === "edit") location.assign(`/annotate/${own.annotation}`);
  }

  function askForReason() {
    const listed = openComments();
    return askForm({
      title: t("Return to the annotator"),
      body: [
        listed.length > 0 && element("p", {}, plural(listed.length, "{n} open comment goes with it:", "{n} open comments go with it:")),
        listed.length > 0 && element("ul", { class: "reasons" }, ...listed.map(({ where, text }) => element("li", {}, element("strong", {}, where), " ", text))),
        element(
          "div",
          { class: "field" },
          element("label", { for: "return-reason" }, listed.length > 0 ? t("Anything else?") : t("What should be changed?")),
          element("textarea", { id: "return-reason", name: "reason", rows: 4, required: listed.length === 0, maxlength: 5000 }),
          element("span", { class: "hint" }, t("The annotator sees this when the image comes back.")),
        ),
      ],
      accept: t("Return"),
      kind: "danger",
      submit: (data) => give("return", String(data.get("reason"))),
    });
  }

  actions.add(
    { id: "review.accept", label: t("Accept"), group: t("Review"), keys: ["a"], enabled: () => canReview, run: () => void askToAccept() },
    { id: "review.accept_own", label: t("Accept my map"), group: t("Review"), keys: ["ctrl+enter"], enabled: () => canReview && ownMap() !== null, run: () => void askToAcceptOwn() },
    { id: "review.return", label: t("Return with a reason"), group: t("Review"), keys: ["shift+a"], enabled: () => canReview, run: () => void askForReason() },
    { id: "review.next", label: t("Next piece of work"), group: t("Review"), keys: ["n"], enabled: () => !next.hidden, run: () => void busyWhile(next, () => openNext()) },
  );
  show(detail);
  return { pastReviews, showOwn, canReview: () => canReview };
}

/** @param {PastReview} review */
const rowOf = ({ verdict, reason, reviewer, created_at: at, comments }) =>
  element(
    "div",
    { class: `past-review ${verdict}` },
    reason && element("blockquote", {}, reason),
    element(
      "p",
      {},
      `${(SAID[verdict] ?? SAID.return)(reviewer)}, `,
      element("time", { datetime: at }, new Date(at).toLocaleString(LANGUAGE)),
      verdict === "return" && comments.length > 0 && ` · ${plural(comments.length, "{n} comment", "{n} comments")}`,
    ),
  );
