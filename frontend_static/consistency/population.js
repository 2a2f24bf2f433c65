/** Which images a study is drawn from, as fields of a form, and how many that are, asked of the server while one types. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { checkbox, choice, field, textInput } from "../shell/fields.js";
import { api, latest, whenQuiet } from "../shell/page.js";
import { populationOf } from "./study_order.js";

/** @typedef {{images: number, suggested: number, annotators: {username: string, could_draw: number}[]}} Preview */

/** @type {() => [string, string][]} */
const splits = () => [["", t("Any")], ["train", "train"], ["val", "val"], ["test", "test"]];

export const populationFields = () =>
  element(
    "fieldset",
    { class: "study-part" },
    element("legend", {}, t("Accepted images to draw from")),
    element(
      "div",
      { class: "field-pair" },
      field(t("Split"), choice({ name: "split" }, splits())),
      field(t("Entities, at least"), element("input", { type: "number", name: "min_masks", min: 1, step: 1, placeholder: t("any number") })),
      field(t("Accepted before"), element("input", { type: "date", name: "accepted_before" })),
      field(t("Source"), textInput("source", { maxlength: 500, autocomplete: "off", placeholder: t("any") })),
      field(t("File name contains"), textInput("file_name", { maxlength: 200, autocomplete: "off" })),
    ),
  );

/** Who may draw: nobody ticked means everybody. */
export function memberChoice() {
  const list = element("div", { class: "checks study-members" });
  const hint = element("p", { class: "hint soft small" }, t("Nobody ticked: every member may draw. The first annotator of an image never draws it again."));
  return {
    node: element("fieldset", { class: "study-part" }, element("legend", {}, t("Annotators")), list, hint),
    /** Keeps what is ticked. @param {Preview["annotators"]} people */
    show(people) {
      const ticked = new Set([...list.querySelectorAll("input")].flatMap((box) => (box.checked ? [box.value] : [])));
      list.replaceChildren(
        ...people.map(({ username, could_draw: count }) => {
          const label = checkbox(t("{person}: could draw {n}", { person: username, n: count }), "members", ticked.has(username));
          label.querySelector("input")?.setAttribute("value", username);
          return label;
        }),
      );
      if (!people.length) list.replaceChildren(element("p", { class: "soft" }, t("The project has nobody who could draw.")));
    },
  };
}

/**
 * Ask how many images there are whenever the fields rest.
 * @param {HTMLElement} fields those that count @param {number} project @param {(preview: Preview) => void} tell
 */
export function createPreview(fields, project, tell) {
  const line = element("p", { class: "study-preview", role: "status" }, t("Counting…"));
  const form = () => /** @type {HTMLFormElement} */ (fields.closest("form"));
  const ask = latest((signal) => api.request("studies/preview", { method: "POST", json: { project, population: populationOf(new FormData(form())) }, signal }).then((answer) => answer.json()));

  async function look() {
    line.classList.remove("problem");
    try {
      const preview = await ask();
      if (!preview) return;
      line.textContent = preview.images ? plural(preview.images, "{n} accepted image passes.", "{n} accepted images pass.") : t("No accepted image passes: widen the choice.");
      tell(preview);
    } catch (problem) {
      line.classList.add("problem");
      line.textContent = problem instanceof Error ? problem.message : String(problem);
    }
  }
  fields.addEventListener("input", whenQuiet(look));
  return { line, look };
}
