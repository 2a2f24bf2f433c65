/** Numbers as people read them. */
import { LANGUAGE, t } from "../shared/translate.js";

const whole = new Intl.NumberFormat(LANGUAGE);
const tenths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** @param {number} pixels */
export function pixelsText(pixels) {
  if (pixels >= 1e6) return `${hundredths.format(pixels / 1e6)} MP`;
  if (pixels >= 1e4) return t("{n} k px", { n: tenths.format(pixels / 1e3) });
  return t("{n} px", { n: whole.format(pixels) });
}

/**
 * A share in percent that never says 100 before it is, nor 0 while there is something.
 * @param {number} part @param {number} total
 */
export function percentText(part, total) {
  if (part === total) return "100 %";
  const percent = (100 * part) / total;
  if (percent >= 99.995) return `${hundredths.format(99.99)}+ %`;
  if (percent < 0.005 && part > 0) return `< ${hundredths.format(0.01)} %`;
  return `${hundredths.format(percent)} %`;
}
