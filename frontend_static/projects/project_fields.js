/** The fields of a project that its admins choose. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { checkbox, choice, field, textArea, textInput, textOf } from "../shell/fields.js";

/** @typedef {{name: string, description: string, min_coverage: number, max_gap_px: number, review_required: boolean,
 *   names_required: boolean, pre_annotate: boolean, annotations_start: "filled" | "empty", retrain_nightly: boolean,
 *   retrain_min_masks: number, retrain_steps: number, max_pixels: number, max_side: number}} ProjectFields */

/** @type {ProjectFields} */
export const NEW_PROJECT = {
  name: "", description: "", min_coverage: 0.995, max_gap_px: 100, review_required: true, names_required: true, pre_annotate: true,
  annotations_start: "filled", retrain_nightly: true, retrain_min_masks: 500, retrain_steps: 0, max_pixels: 300_000_000, max_side: 20_000,
};

/** @param {ProjectFields} project */
export function projectFields(project) {
  const coverage = element("input", {
    type: "number", name: "coverage", min: 0, max: 100, step: "any", required: true, value: Number((project.min_coverage * 100).toFixed(4)),
  });
  const gap = element("input", { type: "number", name: "max_gap_px", min: 0, step: 1, required: true, value: project.max_gap_px });
  return [
    field(t("Name"), textInput("name", { value: project.name, required: true, maxlength: 200, autocomplete: "off" })),
    field(t("Description"), textArea("description", project.description, { placeholder: t("What the images show and what they are for") })),
    element(
      "div",
      { class: "field-pair" },
      field(t("Pixels to cover, in %"), coverage, t("Below this an annotation cannot be submitted.")),
      field(t("Largest gap, in pixels"), gap, t("No connected region without an entity may be larger.")),
    ),
    field(
      t("An annotation of a pre-annotated image starts"),
      choice({ name: "annotations_start" }, [
        ["filled", t("filled with the model's proposals, to be corrected")],
        ["empty", t("empty, with the model's proposals to choose from")],
      ], project.annotations_start),
    ),
    element(
      "div",
      { class: "checks" },
      checkbox(t("New images are pre-annotated by the model"), "pre_annotate", project.pre_annotate),
      checkbox(t("Every mask needs a name before submission"), "names_required", project.names_required),
      checkbox(t("A reviewer accepts each annotation"), "review_required", project.review_required),
    ),
    ...retrainingFields(project),
    largestImageFields(project),
  ];
}

/** Which images are taken. @param {ProjectFields} project */
function largestImageFields(project) {
  const megapixels = element("input", { type: "number", name: "megapixels", min: 0.000001, max: 4000, step: "any", required: true, value: project.max_pixels / 1e6 });
  const side = element("input", { type: "number", name: "max_side", min: 1, max: 65_000, step: 1, required: true, value: project.max_side });
  return element(
    "div",
    { class: "field-pair" },
    field(t("Largest image, in megapixels"), megapixels, t("Larger files are refused when they are uploaded.")),
    field(t("Longest side of an image, in pixels"), side),
  );
}

/** What the nights do. @param {ProjectFields} project */
function retrainingFields(project) {
  const masks = element("input", { type: "number", name: "retrain_min_masks", min: 1, max: 1_000_000_000, step: 1, required: true, value: project.retrain_min_masks });
  const steps = element("input", { type: "number", name: "retrain_steps", min: 1, max: 1_000_000, step: 1, placeholder: t("automatic"), value: project.retrain_steps || "" });
  return [
    element("div", { class: "checks" }, checkbox(t("The champion is trained on newly accepted masks at night"), "retrain_nightly", project.retrain_nightly)),
    element(
      "div",
      { class: "field-pair" },
      field(t("Newly accepted masks a night needs"), masks, t("With fewer the night waits.")),
      field(t("Steps of one training"), steps, t("Left empty: as many as the number of images asks for.")),
    ),
  ];
}

/** @param {FormData} data @returns {ProjectFields} */
export const projectOf = (data) => ({
  name: textOf(data, "name"),
  description: textOf(data, "description"),
  min_coverage: Number((Number(data.get("coverage")) / 100).toFixed(6)),
  max_gap_px: Number(data.get("max_gap_px")),
  review_required: data.has("review_required"),
  names_required: data.has("names_required"),
  pre_annotate: data.has("pre_annotate"),
  annotations_start: data.get("annotations_start") === "empty" ? "empty" : "filled",
  retrain_nightly: data.has("retrain_nightly"),
  retrain_min_masks: Number(data.get("retrain_min_masks")),
  retrain_steps: Number(data.get("retrain_steps")),
  max_pixels: Math.round(Number(data.get("megapixels")) * 1e6),
  max_side: Number(data.get("max_side")),
});
