/** The options of a report, each with what it does in one sentence. */
import { t } from "../shared/translate.js";

/** @typedef {{value: string, label: string, about: string}} OptionChoice */

/** @returns {OptionChoice[]} the first is the usual one */
export const overlapChoices = () => [
  { value: "refuse", label: t("Refuse"), about: t("If any masks of an upload overlap, the report stops and names the image: APᵉ asks for none.") },
  { value: "resolve", label: t("Resolve"), about: t("The mask with the better score keeps each pixel that several claim.") },
  { value: "allow", label: t("Allow"), about: t("Masks stay as they are; the figure is then AP, not APᵉ.") },
];

/** @returns {OptionChoice[]} */
export const voidChoices = () => [
  { value: "crowd", label: t("Ignored"), about: t("What is found where nobody annotated anything counts neither for nor against.") },
  { value: "background", label: t("Background"), about: t("What is found where nobody annotated anything is wrong.") },
];

/** @returns {OptionChoice[]} */
export const similarityChoices = () => [
  { value: "identity", label: t("Only the same"), about: t("A name is right or wrong; open measures equal the usual ones.") },
  { value: "word_tree", label: t("Near in the word tree"), about: t("A near name counts in part: 1 / (1 + steps through the parents of terms).") },
  { value: "embedding", label: t("Alike to the model"), about: t("A name counts by how alike the model sees masks of both terms.") },
];

/** @returns {OptionChoice[]} */
export const boundaryChoices = () => [
  { value: "yes", label: t("Measured"), about: t("Boundary AP compares bands along the borders, as wide as 2 % of the diagonal; it takes longer.") },
  { value: "", label: t("Not measured"), about: t("Faster; there is no boundary AP.") },
];
