/** The dialog that asks for a report: what is true, what is judged, on which images, by which rules. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { choice, field, textInput } from "../shell/fields.js";
import { spriteIcon } from "../shell/icons.js";
import { api, query } from "../shell/page.js";
import { busyWhile, note } from "../shell/toast.js";
import { boundaryChoices, overlapChoices, similarityChoices, voidChoices } from "./option_choices.js";
import { optionRadios } from "./option_radios.js";
import { orderOf } from "./report_order.js";
import { countOf, keyOf, setSelect, specOf } from "./set_choice.js";

/** @typedef {import("./set_choice.js").Choices} Choices */
/** @typedef {import("./set_choice.js").SetSpec} SetSpec */

const SPLITS = ["val", "test", "train"];

/** @param {number} project @param {{found?: SetSpec, truth?: SetSpec}} [wanted] offered first @returns {Promise<import("./report_row.js").ReportRow | null>} the report that was begun */
export async function askReport(project, wanted = {}) {
  /** @type {Choices} */
  const choices = await api.get(`evaluation-reports/choices${query({ project })}`);
  const truth = setSelect("truth", choices, keyOf(wanted.truth ?? { kind: "accepted" }));
  const found = setSelect("found", choices, keyOf(wanted.found ?? firstJudged(choices)));
  const split = choice({ name: "split" }, splitOptions(choices), "");
  const hint = element("div", { class: "report-hint", "aria-live": "polite" });
  const overlap = optionRadios("overlap", t("If masks overlap"), overlapChoices());
  const update = () => {
    overlap.hidden = ![truth, found].some(({ value }) => value.startsWith("upload:"));
    hint.replaceChildren(...hints(project, choices, { truth: truth.value, found: found.value, split: split.value }));
  };
  for (const control of [truth, found, split]) control.addEventListener("change", update);
  update();
  /** @type {import("./report_row.js").ReportRow | null} */
  let begun = null;
  await askForm({
    title: t("New report"),
    body: [
      field(t("Taken for true"), truth),
      field(t("Judged against it"), found),
      field(t("Images"), split),
      hint,
      field(t("Name"), textInput("name", { maxlength: 200, autocomplete: "off", placeholder: t("made from both, if left empty") })),
      overlap,
      element(
        "details",
        { class: "report-options" },
        element("summary", {}, t("How it is measured")),
        optionRadios("void", t("What nobody annotated"), voidChoices()),
        optionRadios("boundary", t("Borders"), boundaryChoices()),
        optionRadios("similarity", t("Names count as equal"), offeredSimilarities(choices)),
      ),
    ],
    accept: t("Work it out"),
    async submit(data) {
      const answer = await api.post("evaluation-reports", orderOf(project, data));
      begun = answer.evaluation_report;
    },
  });
  if (begun) note(t("The report is being worked out."));
  return begun;
}

/** The champion; without models whatever is there. @param {Choices} choices @returns {SetSpec} */
function firstJudged({ models, uploads, annotators }) {
  const model = models.find(({ images }) => images > 0);
  if (model) return { kind: "model", model_version: model.id };
  if (uploads.length) return { kind: "upload", upload: uploads[0].id };
  if (annotators.length) return { kind: "annotator", user: annotators[0].username };
  return models.length ? { kind: "model", model_version: models[0].id } : { kind: "accepted" };
}

/** @param {Choices} choices @returns {[string, string][]} */
const splitOptions = ({ splits }) => [
  ["", t("All splits · {images}", { images: plural(countOf(splits, ""), "{n} accepted image", "{n} accepted images") })],
  ...SPLITS.map((split) => /** @type {[string, string]} */ ([split, t("Split {name} · {images}", { name: split, images: plural(countOf(splits, split), "{n} accepted image", "{n} accepted images") })])),
];

/** @param {Choices} choices */
const offeredSimilarities = ({ similarities }) =>
  similarityChoices().map((option) => {
    const isOff = !similarities.some(({ id, available }) => id === option.value && available);
    return isOff ? { ...option, isOff, about: t("{about} This project has nothing to know it by yet.", { about: option.about }) } : option;
  });

/** @param {number} project @param {Choices} choices @param {{truth: string, found: string, split: string}} chosen keys of sets */
function hints(project, choices, { truth, found, split }) {
  if (truth === found) return [notice("bad", t("Both sides are the same set: choose another one to judge."))];
  const spec = specOf(found);
  if (truth !== "accepted" || spec.kind !== "model") return [];
  const accepted = countOf(choices.splits, split);
  if (!accepted) return [notice("warn", split ? t("The split {name} has no accepted image yet.", { name: split }) : t("No image is accepted yet."))];
  const missing = countOf(choices.models.find(({ id }) => id === spec.model_version)?.missing, split);
  return missing ? [missingNotice(project, spec.model_version, split, missing, accepted)] : [];
}

/** @param {number} project @param {number} version @param {string} split @param {number} missing @param {number} accepted images */
function missingNotice(project, version, split, missing, accepted) {
  const ask = element("button", { type: "button", class: "button button-small" }, spriteIcon("spark"), t("Pre-annotate them"));
  const node = notice("warn", plural(missing, "This model has not seen {n} of {accepted} accepted images; they would be left out.", "This model has not seen {n} of {accepted} accepted images; they would be left out.", { accepted }), ask);
  ask.addEventListener("click", () =>
    busyWhile(ask, async () => {
      const { images } = await api.get(`evaluation-reports/missing${query({ project, model_version: version, split })}`);
      await api.post(`model-versions/${version}/predict`, { project, images });
      node.replaceWith(notice("good", t("Pre-annotation has started. Work the report out when it is done, to have all images in it.")));
    }),
  );
  return node;
}

/** @param {string} tone @param {string} sentence @param {...Node} children */
const notice = (tone, sentence, ...children) => element("div", { class: `notice ${tone}` }, spriteIcon(tone === "good" ? "check" : "warning"), element("p", { class: "grow" }, sentence), ...children);
