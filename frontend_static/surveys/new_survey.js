/** The dialog that makes a survey: what is asked, of which masks, on how many images, and who counts. */
import { keyOf, setSelect, specOf } from "../evaluation/set_choice.js";
import { optionRadios } from "../evaluation/option_radios.js";
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { checkbox, choice, field, textInput, textOf } from "../shell/fields.js";
import { spriteIcon } from "../shell/icons.js";
import { api, query } from "../shell/page.js";
import { textFields } from "./texts.js";

/** @typedef {import("../evaluation/set_choice.js").Choices} Choices */

const MOST_SETS = 6;
const SPLITS = ["train", "val", "test"];

/** @param {number} project @returns {Promise<number | null>} the id of the survey that was made */
export async function askSurvey(project) {
  /** @type {Choices} */
  const choices = await api.get(`evaluation-reports/choices${query({ project })}`);
  const sets = setChooser(choices);
  const hint = element("p", { class: "hint shared-images", role: "status" });
  const split = choice({ name: "split" }, [["", t("All splits")], ...SPLITS.map((name) => /** @type {[string, string]} */ ([name, name]))]);
  const identical = field(t("Identical pairs"), number("identical_checks", 2, 0, 20));
  const kind = optionRadios("kind", t("What is asked"), [
    { value: "satisfaction", label: t("Satisfaction"), about: t("One set of masks; a score from 0 to 10 for each picture.") },
    { value: "preference", label: t("Preference"), about: t("Two sets or more on the same picture, sides shuffled and unnamed: A, B or no difference.") },
  ]);
  /** @type {number | null} */
  let made = null;

  const kindNow = () => /** @type {HTMLInputElement} */ (kind.querySelector("input:checked")).value;
  async function count() {
    hint.textContent = "";
    const answer = await api.post("surveys/preview", { project, split: split.value, sets: sets.specs() }).catch((problem) => ({ problem }));
    hint.textContent = answer.problem ? answer.problem.message : plural(answer.images, "{n} image has them all.", "{n} images have them all.");
  }
  function adapt() {
    sets.compare(kindNow() === "preference");
    identical.hidden = kindNow() !== "preference";
    count();
  }
  kind.addEventListener("change", adapt);
  sets.node.addEventListener("change", count);
  split.addEventListener("change", count);
  sets.node.addEventListener("click", () => queueMicrotask(count));
  adapt();

  await askForm({
    title: t("New survey"),
    body: [
      kind,
      field(t("Name"), textInput("name", { required: true, maxlength: 100, autocomplete: "off" }), t("For the project; participants never see it.")),
      sets.node,
      hint,
      element("div", { class: "field-pair" }, field(t("Images"), number("size", 40, 1, 500)), field(t("Draw from"), split)),
      ...textFields({ title: "", definition: defaultDefinition(), consent: defaultConsent() }),
      element(
        "details",
        { class: "survey-options" },
        element("summary", {}, t("Attention checks")),
        element("p", { class: "soft small" }, t("Mixed in unseen. A check is failed by preferring one of two identical pictures, or by not finding a map worse that was moved a fifth of the image aside (or giving it at least one's own median score).")),
        element("div", { class: "field-pair" }, identical, field(t("Moved maps"), number("broken_checks", 2, 0, 20)), field(t("Failures allowed"), number("allowed_failures", 1, 0, 40), t("Whoever fails more is left out of the results, and listed."))),
      ),
      element(
        "details",
        { class: "survey-options" },
        element("summary", {}, t("Participants and draw")),
        element("div", { class: "field-pair" }, field(t("At most"), number("max_participants", 200, 1, 10_000)), field(t("Seed"), textInput("seed", { inputmode: "numeric", pattern: "[0-9]{1,10}", placeholder: t("by chance") }), t("The same seed draws the same images."))),
        checkbox(t("Offer a field for a name"), "asks_name", false),
      ),
    ],
    accept: t("Make survey"),
    async submit(data) {
      made = (await api.post("surveys", orderOf(project, data, sets.specs()))).id;
    },
  });
  return made;
}

/** What is sent. Pure. @param {number} project @param {FormData} data @param {unknown[]} sets */
export function orderOf(project, data, sets) {
  const numbers = ["size", "identical_checks", "broken_checks", "allowed_failures", "max_participants", "seed"];
  const texts = ["kind", "name", "title", "definition", "consent", "split"];
  return {
    project,
    sets,
    ...Object.fromEntries(texts.map((name) => [name, textOf(data, name)])),
    ...Object.fromEntries(numbers.filter((name) => textOf(data, name) !== "").map((name) => [name, Number(textOf(data, name))])),
    asks_name: data.has("asks_name"),
  };
}

/** One select, or one for each of the sets that are compared. @param {Choices} choices */
function setChooser(choices) {
  const list = element("div", { class: "set-list" });
  const add = element("button", { type: "button", class: "button button-small" }, spriteIcon("plus"), t("Compare another set"));
  const node = element("div", { class: "set-chooser" }, list, add);
  const offered = firstOffered(choices);
  let isComparing = false;

  function append() {
    const at = list.childElementCount;
    const select = setSelect(`set-${at}`, choices, keyOf(offered[at % offered.length]));
    const remove = element("button", { type: "button", class: "button button-quiet button-icon-only", "aria-label": t("Remove set {n}", { n: at + 1 }) }, spriteIcon("close"));
    const row = element("div", { class: "set-row" }, field(isComparing ? t("Set {n}", { n: at + 1 }) : t("Set of masks"), select), at > 1 && remove);
    remove.addEventListener("click", () => {
      row.remove();
      add.disabled = false;
    });
    list.append(row);
    add.disabled = list.childElementCount >= MOST_SETS;
  }
  add.addEventListener("click", append);

  return {
    node,
    /** @param {boolean} wanted */
    compare(wanted) {
      isComparing = wanted;
      list.replaceChildren();
      append();
      if (wanted) append();
      add.hidden = !wanted;
    },
    specs: () => [...list.querySelectorAll("select")].map(({ value }) => specOf(value)),
  };
}

/** What is likely wanted first: the newest models, then what people drew. @param {Choices} choices @returns {import("../evaluation/set_choice.js").SetSpec[]} */
function firstOffered({ models, splits }) {
  const seen = models.filter(({ images }) => images > 0).map(({ id }) => ({ kind: /** @type {const} */ ("model"), model_version: id }));
  const accepted = Object.values(splits).some((count) => count > 0) ? [{ kind: /** @type {const} */ ("accepted") }] : [];
  return [...accepted, ...seen, { kind: "accepted" }];
}

const defaultDefinition = () =>
  t("A region is what you would point at and call one thing: an object, or a part of the scene such as sky, road or wall. It should follow the outline of that thing, take all of it, and nothing else.");
const defaultConsent = () =>
  t("Taking part is voluntary, and you can stop at any time. We keep your answers and how long they took, not who you are, and evaluate them together with those of others.");

/** @param {string} name @param {number} value @param {number} min @param {number} max */
const number = (name, value, min, max) => element("input", { type: "number", name, value, min, max, required: true });
