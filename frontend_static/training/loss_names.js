/** The terms of the loss, by the names the worker logs, as people read them. */
import { t } from "../shared/translate.js";

/** @type {() => Record<string, string>} */
const names = () => ({
  loss_ce_2d: t("entity or not, whole image"),
  loss_mask_2d: t("mask pixels, whole image"),
  loss_dice_2d: t("mask overlap, whole image"),
  loss_ce_3d: t("entity or not, image and crops"),
  loss_mask_3d: t("mask pixels, image and crops"),
  loss_dice_3d: t("mask overlap, image and crops"),
});

/** @param {string} term */
export const lossName = (term) => names()[term] ?? term;

/** The terms that rows hold: those known first, those of single decoder layers left out. @param {Record<string, unknown>[]} rows */
export function termsOf(rows) {
  const found = new Set(rows.flatMap((row) => Object.keys(row).filter((name) => name.startsWith("loss_") && !/_\d+$/.test(name))));
  const known = Object.keys(names()).filter((name) => found.delete(name));
  return [...known, ...[...found].sort()];
}
