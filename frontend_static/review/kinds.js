/** The kinds of disagreement in words; A is the annotation under review, B what it is compared with. */
import { t } from "../shared/translate.js";

/** @typedef {import("../segmentation/disagreements.js").Kind} Kind */

/** @returns {Record<Kind, {label: string, hint: string, tone: string}>} */
export const kindWords = () => ({
  missing: { label: t("Only in A"), hint: t("B has no such entity"), tone: "bad" },
  extra: { label: t("Only in B"), hint: t("A has no such entity"), tone: "bad" },
  split: { label: t("Split in B"), hint: t("Granularity: one entity in A, several in B"), tone: "violet" },
  merged: { label: t("Merged in B"), hint: t("Granularity: several entities in A, one in B"), tone: "violet" },
  regrouped: { label: t("Cut differently"), hint: t("Granularity: one region, cut into entities in two ways"), tone: "violet" },
  shape: { label: t("Shape differs"), hint: t("Boundary: the same entity, whose borders lie far apart: boundary IoU below 0.5"), tone: "warn" },
  name: { label: t("Name differs"), hint: t("The same entity with two names"), tone: "info" },
  border: { label: t("Border only"), hint: t("The same entity, whose borders lie near each other"), tone: "plain" },
  agree: { label: t("Agree"), hint: t("Equal pixels, and no two names"), tone: "good" },
});
