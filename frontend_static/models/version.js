/** A model version as its rows tell it: stage, what it is made of, what it scored. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { knownFigures, points } from "../training/figures.js";
import { bytes, whole } from "../shell/formats.js";

/** @typedef {import("../training/figures.js").Figures} Figures */
/**
 * @typedef {object} VersionRow
 * @property {number} id
 * @property {number | null} project  null: offered to every project
 * @property {string} name
 * @property {string} architecture
 * @property {"candidate" | "champion" | "retired"} stage
 * @property {string} origin
 * @property {string} checkpoint_sha256
 * @property {Record<string, any>} config
 * @property {string} created_at
 * @property {number | null} trained_by  a training run
 * @property {Figures} figures  of its last evaluation
 * @property {number | null} parameters
 * @property {number | null} size_bytes
 * @property {number[]} is_champion_of  projects
 * @property {string} card  Markdown
 */

/** @type {() => Record<string, [label: string, tone: string]>} */
const stages = () => ({
  champion: [t("Champion"), "good"],
  candidate: [t("Candidate"), "info"],
  retired: [t("Retired"), ""],
});

/** @type {() => Record<string, string>} */
const architectures = () => ({
  cropformer: "CropFormer",
  mask2former: "Mask2Former",
  classical: t("classical, without learning"),
});

/** Where a version stands in one project. @param {VersionRow} version @param {number} project */
export function stageIn(version, project) {
  if (version.is_champion_of.includes(project)) return "champion";
  return version.stage === "champion" ? "candidate" : version.stage;
}

/** @param {string} stage */
export function stageBadge(stage) {
  const [label, tone] = stages()[stage] ?? [stage, ""];
  return element("span", { class: `badge ${tone}` }, label);
}

/** @param {string} architecture */
export const architectureName = (architecture) => architectures()[architecture] ?? architecture;

/** "5.1 M", "980 k". @param {number} count */
export function parametersText(count) {
  if (count >= 1e6) return t("{n} M", { n: Number((count / 1e6).toFixed(count < 1e7 ? 1 : 0)) });
  return count >= 1e3 ? t("{n} k", { n: Math.round(count / 1e3) }) : whole(count);
}

/** What it is made of, in one line. @param {VersionRow} version */
export const made = ({ architecture, parameters, size_bytes: size }) =>
  [
    architectureName(architecture),
    parameters && plural(parameters, "{count} parameter", "{count} parameters", { count: parametersText(parameters) }),
    size && bytes(size),
  ].filter(Boolean).join(" · ");

/** The figures of its last evaluation, in one line; empty if there was none. @param {VersionRow} version */
export const scored = ({ figures }) => knownFigures(figures).slice(0, 3).map(({ key, name }) => `${name} ${points(figures[key])}`).join(" · ");
