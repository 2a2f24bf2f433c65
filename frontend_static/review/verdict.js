/** The reviewer's verdict: accept, or return with a reason the annotator reads. */
import { askChoice, askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";

/** @typedef {"accept" | "return"} Verdict */

/**
 * @param {{api: import("../shared/api.js").Api, annotation: number, onGiven: (detail: Record<string, any>) => void, say: (sentence: string) => void}} parts
 */
export function createVerdict({ api, annotation, onGiven, say }) {
  /** @param {Verdict} verdict @param {string} reason */
  async function give(verdict, reason) {
    onGiven(await api.post(`annotations/${annotation}/review`, { verdict, reason }));
  }

  return {
    async accept() {
      const choice = await askChoice({
        title: "Accept this annotation?",
        body: [element("p", {}, "Accepted is final: it can be released and trained on, and is not edited any more.")],
        choices: [
          { label: "Cancel", value: "" },
          { label: "Accept", value: "accept", kind: "primary" },
        ],
      });
      if (choice !== "accept") return;
      try {
        await give("accept", "");
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
      }
    },
    async sendBack() {
      const reason = element("textarea", { id: "return-reason", name: "reason", rows: 4, required: true, maxlength: 5000 });
      await askForm({
        title: "Return to the annotator",
        body: [
          element(
            "div",
            { class: "field" },
            element("label", { for: "return-reason" }, "What should be changed?"),
            reason,
            element("span", { class: "hint" }, "The annotator sees this when the image comes back."),
          ),
        ],
        accept: "Return",
        kind: "danger",
        submit: (data) => give("return", String(data.get("reason"))),
      });
    },
  };
}
