/** The measures of a report: their names and what they say, in the order they are shown. */
import { t } from "../shared/translate.js";
import { figureNames } from "../training/figures.js";

/** @typedef {Record<string, number | null | undefined>} Figures shares from 0 to 1; null: there was nothing to count */
/** @typedef {{key: string, name: string, about: string}} Measure */

/** What AP is called where nothing overlaps. @param {boolean} isDisjoint */
export const apName = (isDisjoint) => (isDisjoint ? "APᵉ" : "AP");

/** @param {boolean} isDisjoint @returns {Measure[]} */
export const headlineMeasures = (isDisjoint) => [
  { key: "AP", name: apName(isDisjoint), about: t("mean over IoU .50 to .95") },
  { key: "boundary_AP", name: t("Boundary AP"), about: t("of the borders") },
  { key: "PQ", name: "PQ", about: t("panoptic quality, whatever the name") },
  { key: "F1", name: "F1", about: t("at IoU .50; needs no scores") },
  { key: "AR@100", name: "AR@100", about: t("average recall, up to 100 an image") },
  { key: "covering", name: t("Covering"), about: t("best overlap of each entity, weighted by its area") },
];

/** Of the family of AP, as the columns of one table. @returns {Measure[]} */
export function apMeasures() {
  const precision = figureNames().filter(({ key }) => /^AP/.test(key)).map((measure) => ({ ...measure, name: measure.name.replace("ᵉ", "") }));
  return [
    ...precision,
    { key: "AR@1", name: "AR@1", about: t("average recall, the best one of an image") },
    { key: "AR@10", name: "AR@10", about: t("average recall, up to 10 an image") },
    { key: "AR@100", name: "AR@100", about: t("average recall, up to 100 an image") },
    { key: "AR@all", name: "AR", about: t("average recall, however many") },
  ];
}

/** The measures two reports are compared by. @returns {Record<string, string>} */
export const comparedNames = () => ({ AP: "AP", AP50: "AP50", AP75: "AP75", boundary_AP: t("Boundary AP"), PQ: "PQ", F1: t("F1 at IoU .50") });
