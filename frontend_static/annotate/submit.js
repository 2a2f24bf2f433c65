/** Submitting: everything saved first, then the server's policy decides; what it misses is listed to jump to. */
import { ApiError } from "../shared/api.js";
import { askChoice, createDialog, shown } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { pixelsText } from "./format.js";

/** @typedef {{area: number, bbox: number[], point: number[]}} ServerGap */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {number} parts.project
 * @param {import("./autosave.js").Autosave} parts.autosave
 * @param {import("./naming.js").Naming} parts.naming
 * @param {{min_coverage: number, max_gap_px: number}} parts.policy
 * @param {() => string | null} parts.lease
 * @param {(gap: ServerGap) => void} parts.showGap
 * @param {(number: number) => void} parts.showEntity
 * @param {(number: number) => string} parts.describe
 * @param {(sentence: string) => void} parts.say
 * @param {() => void} parts.onSubmitted
 * @param {{id: number} | null} [parts.original]  what a reviewer's own map corrects
 */
export function createSubmission({ api, annotation, project, policy, autosave, naming, lease, showGap, showEntity, describe, say, onSubmitted, original = null }) {
  let isBusy = false;

  /** @param {boolean} allowUnnamed */
  async function send(allowUnnamed) {
    try {
      await api.post(`annotations/${annotation}/submit`, { lease: lease(), allow_unnamed: allowUnnamed });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await explain(error);
      return;
    }
    onSubmitted();
    if (original) location.assign(`/review/${original.id}`);
    else await offerNext();
  }

  /** @param {ApiError} error */
  async function explain(error) {
    if (error.code === "coverage") {
      const gaps = /** @type {ServerGap[]} */ (error.body.gaps).filter(({ area }) => error.body.coverage < policy.min_coverage || area > policy.max_gap_px);
      await listWithJumps(t("Not covered yet"), error.message, gaps.map((gap) => [t("Gap of {area}", { area: pixelsText(gap.area) }), () => showGap(gap)]));
    } else if (error.code === "unnamed") {
      const numbers = /** @type {number[]} */ (error.body.numbers);
      const anyway = await listWithJumps(t("Entities without a name"), error.message, numbers.map((number) => [describe(number), () => showEntity(number)]), !error.body.names_required);
      if (anyway) await send(true);
    } else say(error.message);
  }

  /**
   * @param {string} title @param {string} sentence @param {[string, () => void][]} entries @param {boolean} [mayProceed]
   * @returns {Promise<boolean>} whether to submit anyway
   */
  async function listWithJumps(title, sentence, entries, mayProceed = false) {
    const dialog = createDialog(title);
    /** @type {(() => void)[]} what is done once the dialog is gone, for then the keyboard goes back to where it was opened */
    const afterwards = [];
    const items = entries.slice(0, 200).map(([label, jump]) => {
      const go = () => {
        afterwards.push(jump);
        dialog.close();
      };
      return element("li", {}, element("button", { type: "button", class: "button button-small", onclick: go }, label));
    });
    dialog.append(
      element("div", { class: "dialog-body" }, element("p", {}, sentence), element("ul", { class: "jump-list" }, ...items)),
      element(
        "div",
        { class: "dialog-actions" },
        mayProceed && element("button", { type: "button", class: "button", onclick: () => dialog.close("anyway") }, t("Submit anyway")),
        element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("Back to work")),
      ),
    );
    const answer = await shown(dialog);
    for (const jump of afterwards) jump();
    return answer === "anyway";
  }

  async function offerNext() {
    const choice = await askChoice({
      title: t("Submitted"),
      body: [element("p", {}, t("Well done. A reviewer will look at it."))],
      choices: [
        { label: t("Back to the project"), value: "project" },
        { label: t("Next image"), value: "next", kind: "primary", isFirst: true },
      ],
    });
    if (choice === "project") location.assign(`/projects/${project}`);
    if (choice === "next") await openNext();
  }

  async function openNext() {
    try {
      const { editor_url: url } = await api.post("assignments/next", { project, round: "draw" });
      location.assign(url);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await askChoice({ title: t("No more work"), body: [element("p", {}, error.message)], choices: [{ label: t("Back to the project"), value: "project", kind: "primary" }] });
      location.assign(`/projects/${project}`);
    }
  }

  return {
    async submit() {
      if (isBusy) return;
      isBusy = true;
      try {
        await naming.resolveTyped();
        if (!(await autosave.settle())) {
          say(t("Not submitted: something is still to be saved."));
          return;
        }
        await send(false);
      } finally {
        isBusy = false;
      }
    },
  };
}
