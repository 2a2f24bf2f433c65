/** A study's protocol: everything it was planned with, to be read and copied. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { complain, note } from "../shell/toast.js";

/** @typedef {import("./study_words.js").StudyRow} StudyRow */

/** @type {() => Record<string, string>} */
const filterNames = () => ({ split: t("split {value}"), source: t("source {value}"), accepted_before: t("accepted before {value}"), min_masks: t("at least {value} entities"), file_name: t("file name contains {value}") });

/** The filter in words. Pure. @param {Record<string, string | number>} population */
export function populationText(population) {
  const names = filterNames();
  const told = Object.entries(population).map(([name, value]) => (names[name] ?? `${name} {value}`).replace("{value}", String(value)));
  return told.join(", ") || t("all accepted images");
}

/** The protocol as lines of name and value. @param {StudyRow} study @returns {[name: string, value: string][]} */
export function protocolLines({ images, protocol }) {
  const { population, population_images: passed, seed, annotators, members, not_before_days: days, start, every, names_phase: hasNames, vocabulary_revision: vocabulary } = protocol;
  return [
    [t("Drawn from"), `${populationText(population)} (${plural(passed, "{n} image", "{n} images")})`],
    [t("Images"), whole(images)],
    [t("Seed"), String(seed)],
    [t("Further annotators per image"), whole(annotators)],
    [t("May draw"), members.length ? members.join(", ") : t("every member")],
    [t("Not before"), plural(days, "{n} day after the first was submitted", "{n} days after the first was submitted")],
    [t("They begin with"), start === "empty" ? t("an empty map") : t("what the first annotator began with")],
    ...(every ? [/** @type {[string, string]} */ ([t("Mixed in"), plural(every, "among {n} piece of work", "one among {n} pieces of work")])] : []),
    [t("Second phase"), hasNames ? t("they name the first annotator's masks") : t("none")],
    [t("Vocabulary"), vocabulary ? t("frozen: {digest}", { digest: vocabulary }) : t("frozen when the study is opened")],
    [t("Blind"), t("nobody sees earlier masks, names, comments or that it is a study")],
  ];
}

/** @param {StudyRow} study @returns {HTMLElement} */
export function protocolCard(study) {
  const lines = protocolLines(study);
  const { instructions } = study.protocol;
  const copy = element("button", { type: "button", class: "button button-small" }, spriteIcon("copy"), t("Copy"));
  const text = [...lines.map(([name, value]) => `${name}: ${value}`), ...(instructions ? [`${t("Instructions")}: ${instructions}`] : [])].join("\n");
  copy.addEventListener("click", () => navigator.clipboard.writeText(`${study.name}\n${text}\n`).then(() => note(t("Protocol copied.")), complain));
  return element(
    "div",
    { class: "card padded protocol" },
    element("div", { class: "protocol-head" }, element("p", { class: "soft" }, t("It never changes.")), copy),
    element("dl", {}, ...lines.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    instructions && element("div", {}, element("h3", {}, t("Instructions")), element("blockquote", { class: "study-instructions" }, instructions)),
  );
}
