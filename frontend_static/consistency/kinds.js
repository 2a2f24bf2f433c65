/** The kinds of disagreement between two people, in words, and how many there are of each. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";

/** @typedef {"missing" | "extra" | "granularity" | "boundary" | "name"} Kind */
/** @typedef {Partial<Record<Kind, number>>} KindCounts */

/** @type {Kind[]} */
export const KINDS = ["missing", "extra", "granularity", "boundary", "name"];

/** @type {() => Record<Kind, {label: string, hint: string, tone: string}>} */
export const kindWords = () => ({
  missing: { label: t("Missing"), hint: t("The other has no such entity"), tone: "bad" },
  extra: { label: t("Extra"), hint: t("Only the other has it"), tone: "bad" },
  granularity: { label: t("Granularity"), hint: t("One entity here, several there"), tone: "violet" },
  boundary: { label: t("Boundary"), hint: t("The same entity with another outline"), tone: "warn" },
  name: { label: t("Name"), hint: t("The same entity with two names"), tone: "info" },
});

/** @param {Kind} kind */
export function kindBadge(kind) {
  const { label, hint, tone } = kindWords()[kind] ?? { label: kind, hint: "", tone: "" };
  return element("span", { class: `badge ${tone}`, title: hint }, label);
}

/** Those there are, as badges. @param {KindCounts} counts */
export const kindBadges = (counts) =>
  KINDS.filter((kind) => counts[kind]).map((kind) => {
    const badge = kindBadge(kind);
    badge.append(` ${whole(counts[kind] ?? 0)}`);
    return badge;
  });
