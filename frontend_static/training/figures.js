/** The figures of an evaluation as people read them. Pure. */
import { t } from "../shared/translate.js";
import { exactly } from "../shell/formats.js";

/** @typedef {Record<string, number | null | undefined>} Figures shares from 0 to 1; -1 or null: there was nothing to count */

/** In the order they are shown; AP first, which decides. @returns {{key: string, name: string, about: string}[]} */
export const figureNames = () => [
  { key: "AP", name: "APᵉ", about: t("mean over IoU .50 to .95") },
  { key: "AP50", name: "APᵉ50", about: t("at IoU .50: found at all") },
  { key: "AP75", name: "APᵉ75", about: t("at IoU .75: drawn well") },
  { key: "APs", name: "APᵉ S", about: t("entities below 32² px") },
  { key: "APm", name: "APᵉ M", about: t("entities of 32² to 96² px") },
  { key: "APl", name: "APᵉ L", about: t("entities above 96² px") },
  { key: "boundary_AP", name: t("Boundary APᵉ"), about: t("of the borders") },
  { key: "AR@100", name: "AR@100", about: t("average recall, up to 100 an image") },
  { key: "PQ", name: "PQ", about: t("panoptic quality, whatever the name") },
  { key: "SQ", name: "SQ", about: t("of it: how well the matched are drawn") },
  { key: "RQ", name: "RQ", about: t("of it: how many are matched") },
  { key: "mean_best_iou", name: t("Best IoU"), about: t("mean over the accepted entities") },
  { key: "coverage", name: t("Coverage"), about: t("share of the annotated pixels that it proposes a mask for") },
];

/** Whether there is a figure at all. @param {number | null | undefined} value @returns {value is number} */
export const isKnown = (value) => typeof value === "number" && Number.isFinite(value) && value >= 0;

/** "38.1" of 100. @param {number | null | undefined} share */
export const points = (share) => (isKnown(share) ? exactly(100 * share, 1) : "–");

/** "+1.2", "−0.3", "0.0". @param {number} difference in shares */
export function signed(difference) {
  const size = exactly(Math.abs(100 * difference), 1);
  if (Number(Math.abs(100 * difference).toFixed(1)) === 0) return size;
  return (difference > 0 ? "+" : "−") + size;
}

/** The figures that both or one of two evaluations know, in order. @param {Figures[]} evaluations */
export const knownFigures = (...evaluations) => figureNames().filter(({ key }) => evaluations.some((figures) => isKnown(figures?.[key])));
