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
  boundary: { label: t("Boundary differs"), hint: t("The same entity; boundary IoU below 0.5, as studies count it"), tone: "warn" },
  name: { label: t("Name differs"), hint: t("The same entity with two names"), tone: "info" },
  alike: { label: t("Boundary alike"), hint: t("The same entity with other pixels; boundary IoU of 0.5 or more"), tone: "plain" },
  agree: { label: t("Agree"), hint: t("Equal pixels, and no two names"), tone: "good" },
});
