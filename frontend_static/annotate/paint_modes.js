/** What a stroke may paint over, as the one look-up table all painting honours. */
import { t } from "../shared/translate.js";

/** @typedef {"over" | "behind" | "within"} PaintMode */

/** @type {{id: PaintMode, label: string, hint: string}[]} */
export const PAINT_MODES = [
  { id: "over", label: t("Everything unlocked"), hint: t("New pixels replace what is there") },
  { id: "behind", label: t("Only unlabelled"), hint: t("Paint behind: entities stay as they are") },
  { id: "within", label: t("Only where I start"), hint: t("Stay within the entity or gap the stroke starts in") },
];

/**
 * @param {PaintMode} mode @param {{start: number, locked: number[]}} around start: number under the stroke's first point
 * @returns {Uint8Array} 65536 entries: 1 = may be painted over
 */
export function allowFor(mode, { start, locked }) {
  const allow = new Uint8Array(65536);
  if (mode === "over") allow.fill(1);
  else allow[mode === "behind" ? 0 : start] = 1;
  for (const number of locked) allow[number] = 0;
  return allow;
}

/**
 * @param {{onlyActive: boolean, active: number, locked: number[]}} around
 * @returns {Uint8Array} what the eraser may take away
 */
export function allowErasing({ onlyActive, active, locked }) {
  const allow = new Uint8Array(65536);
  if (onlyActive) allow[active] = 1;
  else allow.fill(1);
  for (const number of locked) allow[number] = 0;
  return allow;
}
