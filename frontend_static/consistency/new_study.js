/** The dialog that plans a study: from which images, how many, by whom, what they see; and what will be hidden from whom. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { checkbox, choice, field, textArea, textInput } from "../shell/fields.js";
import { api } from "../shell/page.js";
import { createPreview, memberChoice, populationFields } from "./population.js";
import { orderOf } from "./study_order.js";

/** @typedef {import("./population.js").Preview} Preview */

const [ANNOTATORS, MOST_ANNOTATORS, DAYS, MOST_DAYS, EVERY, RAREST] = [2, 8, 120, 3650, 4, 100];

/** @param {number} project @returns {Promise<number>} the new study, 0 if none */
export async function askStudy(project) {
  let made = 0;
  const size = numberInput("size", { min: 1, required: true });
  const sizeHint = element("p", { class: "hint soft small" });
  const images = populationFields();
  const members = memberChoice();
  const annotators = numberInput("annotators", { min: 1, max: MOST_ANNOTATORS, value: ANNOTATORS, required: true });
  const preview = createPreview([images, members.node, annotators], project, showPreview);
  size.addEventListener("input", () => (size.dataset.own = "true"));

  /** @param {Preview} found */
  function showPreview({ images: count, too_few: tooFew, suggested, annotators: people }) {
    members.show(people);
    size.max = String(Math.max(1, count - tooFew));
    if (!size.dataset.own) size.value = String(suggested);
    sizeHint.textContent = plural(suggested, "Suggested: {n} image. That is 1.5 % of those that pass, but 20 at least and 500 at most.", "Suggested: {n} images. That is 1.5 % of those that pass, but 20 at least and 500 at most.");
  }

  const asked = askForm({
    title: t("New study"),
    body: [
      element("div", { class: "study-form" }, field(t("Name"), textInput("name", { required: true, maxlength: 100, autocomplete: "off" }))),
      images,
      preview.line,
      element("div", { class: "field-pair" }, withHint(field(t("Images in the study"), size), sizeHint), field(t("Further annotators per image"), annotators)),
      members.node,
      element(
        "div",
        { class: "field-pair" },
        field(t("Days to wait"), numberInput("not_before_days", { min: 0, max: MOST_DAYS, value: DAYS, required: true }), t("After the first annotation of an image was submitted.")),
        field(t("They begin with"), choice({ name: "start" }, [["as_first", t("what the first annotator began with")], ["empty", t("an empty map")]])),
      ),
      field(t("Mixed in: one of so many pieces of work"), numberInput("every", { min: 1, max: RAREST, value: EVERY, required: true }), t("The more ordinary work lies between, the less it stands out; where there is no other work, it comes at once.")),
      checkbox(t("Then let them name the first annotator's masks (second phase)"), "names_phase", true),
      field(t("Instructions"), textArea("instructions", "", { maxlength: 20_000 }), t("While the study runs, they are shown with all work of the project, so that nothing stands out. Do not say that it is a study.")),
      field(t("Seed"), numberInput("seed", { min: 0 }), t("Left empty, one is drawn. The same seed and the same images give the same sample.")),
      whatIsHidden(),
    ],
    accept: t("Plan the study"),
    async submit(data) {
      made = (await api.post("studies", orderOf(project, data))).id;
    },
  });
  await preview.look();
  return (await asked) ? made : 0;
}

/** @param {string} name @param {Record<string, string | number | boolean>} attributes */
const numberInput = (name, attributes) => element("input", { type: "number", name, step: 1, ...attributes });

/** @param {HTMLElement} node @param {HTMLElement} hint */
function withHint(node, hint) {
  node.append(hint);
  return node;
}

const whatIsHidden = () =>
  element(
    "div",
    { class: "notice study-hidden" },
    element(
      "div",
      {},
      element("strong", {}, t("What will be hidden, and from whom")),
      element(
        "ul",
        {},
        element("li", {}, t("Annotators do not learn that an image belongs to a study: it comes to their queue like any other, mixed with other work.")),
        element("li", {}, t("Whoever draws sees no earlier masks, names, comments or reviews of the image, and cannot open them elsewhere until they have submitted, not even as a reviewer.")),
        element("li", {}, t("The images are kept from training while the study runs.")),
        element("li", {}, t("Reviewers, curators and admins can see this page. If they draw in the study, its images' other maps are hidden from them too.")),
      ),
    ),
  );
