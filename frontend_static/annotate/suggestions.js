/** Ranking the vocabulary against what has been typed; `vocabulary/search.py` is its twin. */

/**
 * @typedef {object} Term
 * @property {number} id
 * @property {string} name
 * @property {string} kind
 * @property {string[]} aliases
 * @property {string | null} parent  name of its hypernym
 * @property {string} [definition]
 * @property {string} [status]
 * @property {number} uses
 */
/** @typedef {{term: Term, score: number, alias: string}} Suggestion alias: what fitted, if it was not the name */
/** @typedef {{name: string, aliases: string[], parent: string}} Spelled a term in its normal spelling */

const [EXACT, EXACT_ALIAS, PREFIX, WORD, ALIAS, HYPERNYM, INFIX, SUBSEQUENCE] = [700, 650, 600, 500, 400, 300, 200, 100];
const SHORTEST_SUBSEQUENCE = 3;

/** @type {WeakMap<Term, Spelled>} spelling ten thousand terms anew for every key would be felt */
const spellings = new WeakMap();

/**
 * exact > prefix > word > alias > hypernym > infix > subsequence, plus log2 of the uses; ties go to the shorter name.
 * @param {string} query @param {Term[]} terms @param {number} [limit]
 * @returns {Suggestion[]}
 */
export function suggest(query, terms, limit = 8) {
  const wanted = normalise(query);
  /** @type {Suggestion[]} the best so far, in order */
  const best = [];
  for (const term of terms) {
    const found = matchOf(wanted, spellingOf(term), term);
    if (!found && wanted) continue;
    const suggestion = { term, score: (found?.[0] ?? 0) + Math.log2(1 + term.uses), alias: found?.[1] ?? "" };
    if (best.length === limit && compare(best[limit - 1], suggestion) <= 0) continue;
    let place = best.length;
    while (place > 0 && compare(suggestion, best[place - 1]) < 0) place--;
    best.splice(place, 0, suggestion);
    if (best.length > limit) best.pop();
  }
  return best;
}

/** @param {Suggestion} a @param {Suggestion} b */
function compare(a, b) {
  if (a.score !== b.score) return b.score - a.score;
  const [left, right] = [spellingOf(a.term).name, spellingOf(b.term).name];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : a.term.id - b.term.id);
}

/** @param {Term} term @returns {Spelled} */
export function spellingOf(term) {
  let spelled = spellings.get(term);
  if (!spelled) {
    spelled = { name: normalise(term.name), aliases: term.aliases.map(normalise), parent: normalise(term.parent ?? "") };
    spellings.set(term, spelled);
  }
  return spelled;
}

/** The form in which two spellings of a name are the same: NFKC, without case, single blanks. @param {string} text */
export const normalise = (text) => caseless(text.normalize("NFKC")).replaceAll("_", " ").split(/\s+/).filter(Boolean).join(" ");

/**
 * Case folding as Unicode and Python have it: upper case knows "ß" = "ss"; dotless i and Cherokee have rules of their own.
 * @param {string} text
 */
function caseless(text) {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  return text
    .replaceAll("ẞ", "ss")
    .replace(/[^ı\u13a0-\u13fd\uab70-\uabbf]+/g, (part) => part.toUpperCase().toLowerCase())
    .replace(/[\u13f8-\u13fd\uab70-\uabbf]+/g, (part) => part.toUpperCase())
    .replaceAll("ς", "σ");
}

/** @param {string} wanted @param {Spelled} spelled @param {Term} term @returns {[number, string] | null} score, alias */
function matchOf(wanted, { name, aliases, parent }, term) {
  if (!wanted) return null;
  if (name === wanted) return [EXACT, ""];
  const exact = aliases.indexOf(wanted);
  if (exact >= 0) return [EXACT_ALIAS, term.aliases[exact]];
  if (name.startsWith(wanted)) return [PREFIX, ""];
  if (name.includes(` ${wanted}`)) return [WORD, ""];
  const alias = aliases.findIndex((other) => beginsAWord(wanted, other));
  if (alias >= 0) return [ALIAS, term.aliases[alias]];
  if (beginsAWord(wanted, parent)) return [HYPERNYM, ""];
  if (name.includes(wanted)) return [INFIX, ""];
  const inside = aliases.findIndex((other) => other.includes(wanted));
  if (inside >= 0) return [INFIX, term.aliases[inside]];
  if (wanted.length >= SHORTEST_SUBSEQUENCE && isSubsequence(wanted, name)) return [SUBSEQUENCE, ""];
  return null;
}

/** @param {string} wanted @param {string} name */
const beginsAWord = (wanted, name) => name.startsWith(wanted) || name.includes(` ${wanted}`);

/** @param {string} wanted @param {string} name */
function isSubsequence(wanted, name) {
  let at = -1;
  for (const letter of wanted) {
    at = name.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** The term a typed name already stands for, by name, else by alias. @param {string} name @param {Term[]} terms */
export function knownTerm(name, terms) {
  const wanted = normalise(name);
  return terms.find((term) => spellingOf(term).name === wanted) ?? terms.find((term) => spellingOf(term).aliases.includes(wanted));
}
