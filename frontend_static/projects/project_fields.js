/** The fields of a project that its admins choose. */
import { element } from "../shared/dom.js";
import { checkbox, field, textArea, textInput, textOf } from "../shell/fields.js";

/** @typedef {{name: string, description: string, min_coverage: number, max_gap_px: number, review_required: boolean,
 *   names_required: boolean, pre_annotate: boolean}} ProjectFields */

/** @type {ProjectFields} */
export const NEW_PROJECT = {
  name: "", description: "", min_coverage: 0.995, max_gap_px: 100, review_required: true, names_required: true, pre_annotate: true,
};

/** @param {ProjectFields} project */
export function projectFields(project) {
  const coverage = element("input", {
    type: "number", name: "coverage", min: 0, max: 100, step: "any", required: true, value: Number((project.min_coverage * 100).toFixed(4)),
  });
  const gap = element("input", { type: "number", name: "max_gap_px", min: 0, step: 1, required: true, value: project.max_gap_px });
  return [
    field("Name", textInput("name", { value: project.name, required: true, maxlength: 200, autocomplete: "off" })),
    field("Description", textArea("description", project.description, { placeholder: "What the images show and what they are for" })),
    element(
      "div",
      { class: "field-pair" },
      field("Pixels to cover, in %", coverage, "Below this an annotation cannot be submitted."),
      field("Largest gap, in pixels", gap, "No connected region without an entity may be larger."),
    ),
    element(
      "div",
      { class: "checks" },
      checkbox("New images are pre-annotated by the model", "pre_annotate", project.pre_annotate),
      checkbox("Every mask needs a name before submission", "names_required", project.names_required),
      checkbox("A reviewer accepts each annotation", "review_required", project.review_required),
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
});
