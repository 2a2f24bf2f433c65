/** What one may do with a model version, each with a word about what it changes. */
import { askChoice } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { figuresTable } from "../training/figures_table.js";
import { isKnown, knownFigures } from "../training/figures.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */

const MOST_COMPARED = 3;

/**
 * @param {number} project @param {VersionRow} version @param {VersionRow | null} champion
 * @returns {Promise<boolean>} whether it is champion now
 */
export async function askPromote(project, version, champion) {
  const shared = knownFigures(version.figures).filter(({ key }) => champion && isKnown(champion.figures[key])).slice(0, MOST_COMPARED);
  const answer = await askChoice({
    title: t("Make {name} the champion?", { name: version.name }),
    body: [
      element("p", {}, whatItDoes(version)),
      champion && element("p", {}, t("{name} steps back. It stays in the list, and one click brings it back. Annotations and predictions that exist stay as they are.", { name: champion.name })),
      ...(shared.length && champion ? [element("p", { class: "soft small" }, t("Their last evaluations:")), figuresTable(champion.figures, version.figures, shared)] : []),
      knownFigures(version.figures).length === 0 && element("p", { class: "notice warn" }, t("This version has not been evaluated on your images.")),
    ],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Make champion"), value: "promote", kind: "primary" }],
  });
  if (answer !== "promote") return false;
  await api.post(`model-versions/${version.id}/promote`, { project });
  note(t("{name} is the champion now.", { name: version.name }));
  return true;
}

/** @param {VersionRow} version */
const whatItDoes = ({ name, architecture }) =>
  architecture === "classical"
    ? t("From now on {name} pre-annotates new images of this project. It learns nothing: no night trains while it is the champion.", { name })
    : t("From now on {name} pre-annotates new images of this project, answers clicks in the editor and is what the next training starts from.", { name });

/** One click, no question: it can be undone the same way. @param {number} project */
export async function rollBack(project) {
  const { name } = await api.post("model-versions/roll-back", { project });
  note(t("Rolled back: {name} is the champion again.", { name }));
}

/** @param {number} project @param {VersionRow} version @returns {Promise<boolean>} whether it is retired now */
export async function askRetire(project, version) {
  const answer = await askChoice({
    title: t("Retire {name}?", { name: version.name }),
    body: [element("p", {}, t("It is no longer offered for pre-annotation. Its predictions, its figures and its weights stay, and it can be made champion later."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Retire"), value: "retire", kind: "danger" }],
  });
  if (answer !== "retire") return false;
  await api.post(`model-versions/${version.id}/retire`, { project });
  note(t("{name} is retired.", { name: version.name }));
  return true;
}
