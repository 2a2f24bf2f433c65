/** How a project uses honeypots, as an admin sets it. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { checkbox, choice, field, textInput, textOf } from "../shell/fields.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";

/** @param {number} project @param {import("./honeypots.js").Policy} policy @param {() => void} changed */
export async function askPolicy(project, policy, changed) {
  /** @type {[string, string][]} */
  const modes = [["auto", t("On as soon as the project is large enough")], ["on", t("On")], ["off", t("Off")]];
  const done = await askForm({
    title: t("Honeypot settings"),
    body: [
      field(t("Give honeypots out"), choice({ name: "mode" }, modes, policy.mode), t("Large enough: {images} images, {annotators} annotators, {honeypots} honeypots.", { ...policy.needs })),
      element(
        "div",
        { class: "policy-numbers" },
        field(t("First pieces of work"), number("first_pieces", policy.first_pieces, { min: 0, max: 100, step: 1 }), t("So many of a person's first ones are honeypots.")),
        field(t("Share after that (%)"), number("share", policy.share * 100, { min: 0, max: 100, step: "any" }), t("Which ones nobody can foresee.")),
        field(t("Passed from PQ"), number("pass_pq", policy.pass_pq, { min: 0, max: 1, step: 0.01 }), t("Agreement with the trusted map, 0 to 1.")),
        field(t("Retired after"), number("most_uses", policy.most_uses, { min: 1, max: 100000, step: 1 }), t("So many people who got it.")),
        field(t("From studies at PQ"), number("least_agreement", policy.least_agreement, { min: 0, max: 1, step: 0.01 }), t("Least agreement of a study image's annotators.")),
      ),
      checkbox(t("Annotators see on this page how they met honeypots"), "tells_annotators", policy.tells_annotators),
    ],
    accept: t("Save"),
    submit: (data) => api.patch(`projects/${project}/honeypot-policy`, valuesOf(data)),
  });
  if (!done) return;
  note(t("The settings are saved."));
  changed();
}

/** @param {string} name @param {number} value @param {{min: number, max: number, step: number | string}} limits */
const number = (name, value, limits) => textInput(name, { type: "number", required: true, value: Math.round(value * 1e6) / 1e6, ...limits });

/** @param {FormData} data */
const valuesOf = (data) => ({
  mode: textOf(data, "mode"),
  first_pieces: Number(textOf(data, "first_pieces")),
  share: Number(textOf(data, "share")) / 100,
  pass_pq: Number(textOf(data, "pass_pq")),
  most_uses: Number(textOf(data, "most_uses")),
  least_agreement: Number(textOf(data, "least_agreement")),
  tells_annotators: data.get("tells_annotators") === "on",
});
