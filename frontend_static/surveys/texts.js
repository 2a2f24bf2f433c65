/** What participants of a survey read: shown, and put in other words as long as nobody has answered. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { field, textArea, textInput, textOf } from "../shell/fields.js";
import { api } from "../shell/page.js";

/** @typedef {import("./survey_words.js").SurveyRow} SurveyRow */

/** The fields of the three texts. @param {{title: string, definition: string, consent: string}} texts */
export const textFields = ({ title, definition, consent }) => [
  field(t("Title for participants"), textInput("title", { maxlength: 100, autocomplete: "off", value: title, placeholder: t("made from the question, if left empty") })),
  field(t("What a region should be"), textArea("definition", definition, { maxlength: 5000 }), t("Your definition of an entity, shown with every picture.")),
  field(t("What participants agree to"), textArea("consent", consent, { maxlength: 5000 })),
];

/** @param {SurveyRow} survey */
export const askTexts = (survey) =>
  askForm({
    title: t("Change the texts"),
    body: textFields(survey),
    accept: t("Save"),
    submit: (data) => api.patch(`surveys/${survey.id}`, Object.fromEntries(["title", "definition", "consent"].map((name) => [name, textOf(data, name)]))),
  });

/** @param {SurveyRow} survey */
export function textsRead({ title, definition, consent }) {
  /** @type {[string, string][]} */
  const rows = [[t("Title for participants"), title], [t("What a region should be"), definition], [t("What participants agree to"), consent]];
  const told = rows.filter(([, text]) => text).flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]);
  return told.length ? [element("details", { class: "survey-texts" }, element("summary", {}, t("What participants read")), element("dl", {}, ...told))] : [];
}
