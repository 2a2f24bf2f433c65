/** Choosing a set of masks: one select over everything a project has that can be evaluated. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";

/** @typedef {import("./report_row.js").SetSpec} SetSpec */
/** @typedef {Record<string, number>} BySplit images of train, val, test and none */
/** @typedef {{id: number, name: string, stage: string, images: number, missing?: BySplit}} ModelChoice */
/**
 * @typedef {object} Choices
 * @property {BySplit} splits  accepted images
 * @property {ModelChoice[]} models
 * @property {{id: number, name: string, images: number}[]} releases
 * @property {{username: string, images: number}[]} annotators
 * @property {{id: number, name: string, format: string, images: number, masks: number}[]} uploads
 * @property {{id: string, label: string, available: boolean}[]} similarities
 */

/** Of all splits, or of one. @param {BySplit | undefined} counts @param {string} split */
export const countOf = (counts, split) => (counts ? (split ? (counts[split] ?? 0) : Object.values(counts).reduce((sum, count) => sum + count, 0)) : 0);

/** @param {SetSpec} spec as the value of an option */
export const keyOf = (spec) => [spec.kind, ...Object.entries(spec).filter(([name]) => name !== "kind").map(([, value]) => String(value))].join(":");

/** @param {string} key @returns {SetSpec} */
export function specOf(key) {
  const at = key.indexOf(":");
  const [kind, value] = at < 0 ? [key, ""] : [key.slice(0, at), key.slice(at + 1)];
  if (kind === "release") return { kind, release: Number(value) };
  if (kind === "model") return { kind, model_version: Number(value) };
  if (kind === "upload") return { kind, upload: Number(value) };
  if (kind === "annotator") return { kind, user: value };
  return { kind: "accepted" };
}

/** @param {number} images */
const counted = (images) => plural(images, "{n} image", "{n} images");

/** @param {Choices} choices @returns {[group: string, rows: {spec: SetSpec, label: string, images: number}[]][]} */
export const groupsOf = ({ splits, models, releases, annotators, uploads }) => [
  [t("People"), [{ spec: /** @type {SetSpec} */ ({ kind: "accepted" }), label: t("Accepted annotations"), images: countOf(splits, "") }]],
  [t("Models"), models.map(({ id, name, stage, images }) => ({ spec: { kind: "model", model_version: id }, label: stage === "champion" ? t("{name} (champion)", { name }) : name, images }))],
  [t("Releases"), releases.map(({ id, name, images }) => ({ spec: { kind: "release", release: id }, label: name, images }))],
  [t("Annotators"), annotators.map(({ username, images }) => ({ spec: { kind: "annotator", user: username }, label: username, images }))],
  [t("Uploads"), uploads.map(({ id, name, images }) => ({ spec: { kind: "upload", upload: id }, label: name, images }))],
];

/** @param {string} name @param {Choices} choices @param {string} chosen a key @returns {HTMLSelectElement} */
export const setSelect = (name, choices, chosen) =>
  element(
    "select",
    { name, required: true },
    ...groupsOf(choices).filter(([, rows]) => rows.length > 0).map(([group, rows]) =>
      element("optgroup", { label: group }, ...rows.map(({ spec, label, images }) => element("option", { value: keyOf(spec), selected: keyOf(spec) === chosen }, t("{name} · {images}", { name: label, images: counted(images) })))),
    ),
  );
