/** Sentences in the reader's language: English is the key, the page brings the catalogue of its language. */

/** @type {Record<string, string | string[]>} */
const catalogue = /** @type {any} */ (globalThis).tesseraCatalogue ?? {};

/** @param {string} sentence @param {Record<string, string | number>} values */
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

/**
 * A sentence in the reader's language, English where there is no translation.
 * @param {string} sentence  English, always a literal; places to fill in are written {name}
 * @param {Record<string, string | number>} [values]
 */
export function t(sentence, values = {}) {
  const translated = catalogue[sentence];
  return filled(typeof translated === "string" ? translated : sentence, values);
}

/**
 * A sentence about a count, in the form the reader's language has for it.
 * @param {number} n  also filled in as {n}
 * @param {string} one  English, literal @param {string} many  English, literal
 * @param {Record<string, string | number>} [values]
 */
export function plural(n, one, many, values = {}) {
  const forms = catalogue[one];
  const form = Array.isArray(forms) ? forms[Math.min(n === 1 ? 0 : 1, forms.length - 1)] : n === 1 ? one : many;
  return filled(form, { n: n.toLocaleString(document.documentElement.lang || "en"), ...values });
}
