/** Which images a study is drawn from, as fields of a form, and how many that are, asked of the server while one types. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { checkbox, choice, field, textInput } from "../shell/fields.js";
import { api, latest, whenQuiet } from "../shell/page.js";
import { previewOf } from "./study_order.js";

/**
 * @typedef {{images: number, suggested: number, too_few: number, people_left: Record<string, number>,
 *   annotators: {username: string, could_draw: number}[]}} Preview
 *   people_left: people who know no masks of it → images; too_few: images that fewer than wanted could draw
 */

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
  const hint = element("p", { class: "hint soft small" }, t("Nobody ticked: every member may draw. Who drew an image or opened somebody’s masks of it never draws it again."));
  let shown = "";
  return {
    node: element("fieldset", { class: "study-part" }, element("legend", {}, t("Annotators")), list, hint),
    /** Keeps what is ticked, and where nothing is new the focus too. @param {Preview["annotators"]} people */
    show(people) {
      if (shown === JSON.stringify(people)) return;
      shown = JSON.stringify(people);
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
 * Ask how many images there are, and who could draw them, whenever the fields rest.
 * @param {HTMLElement[]} fields those that count @param {number} project @param {(preview: Preview) => void} tell
 */
export function createPreview(fields, project, tell) {
  const line = element("p", { class: "study-preview", role: "status" }, t("Counting…"));
  const form = () => /** @type {HTMLFormElement} */ (fields[0].closest("form"));
  const ask = latest((signal) => api.request("studies/preview", { method: "POST", json: previewOf(project, new FormData(form())), signal }).then((answer) => answer.json()));

  async function look() {
    line.classList.remove("problem");
    try {
      const preview = await ask();
      if (!preview) return;
      line.replaceChildren(...preview.images ? [plural(preview.images, "{n} accepted image passes.", "{n} accepted images pass."), " ", peopleLeft(preview)] : [t("No accepted image passes: widen the choice.")]);
      line.classList.toggle("problem", preview.images > 0 && preview.images === preview.too_few);
      tell(preview);
    } catch (problem) {
      line.classList.add("problem");
      line.textContent = problem instanceof Error ? problem.message : String(problem);
    }
  }
  const lookSoon = whenQuiet(look);
  for (const field of fields) field.addEventListener("input", lookSoon);
  return { line, look };
}

/** How many people could still draw each image, as few words as that takes. @param {Preview} preview */
function peopleLeft({ people_left: images, too_few: tooFew }) {
  const counts = Object.keys(images).map(Number);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const left = least === most ? t("People left for each who know no masks of it: {n}.", { n: least }) : t("People left for each who know no masks of it: {least} to {most}.", { least, most });
  return tooFew ? `${left} ${plural(tooFew, "{n} image has too few and is left out.", "{n} images have too few and are left out.")}` : left;
}
