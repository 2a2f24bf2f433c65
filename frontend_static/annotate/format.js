/** Numbers as people read them. */

const whole = new Intl.NumberFormat("en");

/** @param {number} pixels */
export function pixelsText(pixels) {
  if (pixels >= 1e6) return `${(pixels / 1e6).toFixed(2)} MP`;
  if (pixels >= 1e4) return `${(pixels / 1e3).toFixed(1)} k px`;
  return `${whole.format(pixels)} px`;
}

/**
 * A share in percent that never says 100 before it is, nor 0 while there is something.
 * @param {number} part @param {number} total
 */
export function percentText(part, total) {
  if (part === total) return "100 %";
  const percent = (100 * part) / total;
  const text = percent.toFixed(2);
  if (text === "100.00") return "99.99+ %";
  if (text === "0.00" && part > 0) return "< 0.01 %";
  return `${text} %`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export const countText = (count, one, many = `${one}s`) => `${whole.format(count)} ${count === 1 ? one : many}`;
