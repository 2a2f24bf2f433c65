/** Sentences in the reader's language: English is the key, the page brings the catalogue of its language. */

/**
 * By English sentence; one about a count by CLDR plural category. Looked up when it is needed: a module that runs as soon as
 * it is there may come before the catalogue.
 * @returns {Record<string, string | Record<string, string>>}
 */
const catalogue = () => /** @type {any} */ (globalThis).tesseraCatalogue ?? {};

/** The page's language, for Intl. */
export const LANGUAGE = globalThis.document?.documentElement.lang || "en";

const PLURALS = new Intl.PluralRules(LANGUAGE);
const NUMBERS = new Intl.NumberFormat(LANGUAGE);

/** @param {string} sentence @param {Record<string, string | number>} values */
const filled = (sentence, values) =>
  sentence.replace(/(#?)\{(\w+)\}/g, (whole, sign, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    // "#1234" is an entity's name and is written the same everywhere.
    return sign + (typeof value === "number" && !sign ? NUMBERS.format(value) : value);
  });

/**
 * A sentence in the reader's language, English where there is no translation.
 * @param {string} sentence  English, always a literal; places to fill in are written {name}
 * @param {Record<string, string | number>} [values]  numbers are written the way the language writes them
 */
export function t(sentence, values = {}) {
  const translated = catalogue()[sentence];
  return filled(typeof translated === "string" ? translated : sentence, values);
}

/**
 * A sentence about a count, in the form the reader's language has for it.
 * @param {number} n  also filled in as {n}
 * @param {string} one  English, literal @param {string} many  English, literal
 * @param {Record<string, string | number>} [values]
 */
export function plural(n, one, many, values = {}) {
  const forms = catalogue()[one];
  const form = typeof forms === "object" ? (forms[PLURALS.select(n)] ?? forms.other ?? forms.many) : n === 1 ? one : many;
  return filled(form ?? many, { n, ...values });
}
