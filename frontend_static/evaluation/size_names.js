/** Ranges of size in words. Pure. */
import { t } from "../shared/translate.js";
import { exactly } from "../shell/formats.js";

/** COCO's ranges are of pixels, the others of the image's area. @param {{name: string, unit: string, low: number, high: number | null}} range @returns {{name: string, about: string}} */
export function sizeName({ name, unit, low, high }) {
  const known = /** @type {Record<string, [string, string]>} */ ({
    small: [t("Small"), t("below 32² px")],
    medium: [t("Medium"), t("32² to 96² px")],
    large: [t("Large"), t("above 96² px")],
  });
  if (unit === "px" && known[name]) return { name: known[name][0], about: known[name][1] };
  const [from, to] = [low, high ?? 1].map((share) => share * 100);
  if (low === 0) return { name: t("Below {to} %", { to: short(to) }), about: t("of the image") };
  if (to >= 100) return { name: t("Above {from} %", { from: short(from) }), about: t("of the image") };
  return { name: t("{from} to {to} %", { from: short(from), to: short(to) }), about: t("of the image") };
}

/** @param {number} percent */
const short = (percent) => exactly(percent, Number.isInteger(Number(percent.toFixed(6))) ? 0 : 1);
