/** The dialog that creates a project and goes there. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { checkbox, field, textArea, textInput, textOf } from "../shell/fields.js";
import { api } from "../shell/page.js";

const DEFAULT_COVERAGE = 99.5;
const DEFAULT_GAP_PX = 100;

export async function createProject() {
  /** @type {{id: number} | undefined} */
  let created;
  await askForm({
    title: "New project",
    body: [
      field("Name", textInput("name", { required: true, maxlength: 200, autocomplete: "off" })),
      field("Description", textArea("description", "", { placeholder: "What the images show and what they are for" })),
      ...policyFields({ min_coverage: DEFAULT_COVERAGE / 100, max_gap_px: DEFAULT_GAP_PX, review_required: true, names_required: true }),
    ],
    accept: "Create project",
    async submit(data) {
      created = await api.post("projects", {
        name: textOf(data, "name"),
        description: textOf(data, "description"),
        ...policyOf(data),
      });
    },
  });
  if (created) location.assign(`/projects/${created.id}`);
}

/** @typedef {{min_coverage: number, max_gap_px: number, review_required: boolean, names_required: boolean}} Policy */

/** @param {Policy} policy */
export function policyFields(policy) {
  const coverage = element("input", {
    type: "number", name: "coverage", min: 0, max: 100, step: "any", required: true, value: Number((policy.min_coverage * 100).toFixed(4)),
  });
  const gap = element("input", { type: "number", name: "max_gap_px", min: 0, step: 1, required: true, value: policy.max_gap_px });
  return [
    field("Pixels that must be covered, in %", coverage, "An annotation below this cannot be submitted."),
    field("Largest gap allowed, in pixels", gap, "A connected region without an entity may be no larger."),
    checkbox("Every mask needs a name before submission", "names_required", policy.names_required),
    checkbox("A reviewer accepts each annotation", "review_required", policy.review_required),
  ];
}

/** @param {FormData} data @returns {Policy} */
export const policyOf = (data) => ({
  min_coverage: Number((Number(data.get("coverage")) / 100).toFixed(6)),
  max_gap_px: Number(data.get("max_gap_px")),
  review_required: data.has("review_required"),
  names_required: data.has("names_required"),
});
