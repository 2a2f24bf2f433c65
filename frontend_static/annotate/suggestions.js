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
/** @typedef {{name: string, aliases: string[], parent: string, all: string}} Spelled a term in its normal spelling; all: name and aliases */

const [EXACT, EXACT_ALIAS, PREFIX, WORD, ALIAS, HYPERNYM, INFIX, SUBSEQUENCE] = [700, 650, 600, 500, 400, 300, 200, 100];
const SHORTEST_SUBSEQUENCE = 3;
/** What is in its normal form as it stands, which most names are. */
const PLAIN = /^[!-@[-^`-~]+(?: [!-@[-^`-~]+)*$/;

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
  const isKind = kindMatcher(wanted);
  for (const term of terms) {
    const spelled = spellingOf(term);
    const found = wanted ? matchOf(wanted, spelled, term, isKind) : null;
    if (!found && wanted) continue;
    const score = (found?.[0] ?? 0) + Math.log2(1 + term.uses);
    if (best.length === limit && score < best[limit - 1].score) continue;
    const suggestion = { term, score, alias: found?.[1] ?? "" };
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
    const [name, ...aliases] = [term.name, ...term.aliases].map(normalise);
    spelled = { name, aliases, parent: normalise(term.parent ?? ""), all: [name, ...aliases].join("\n") };
    spellings.set(term, spelled);
  }
  return spelled;
}

/** The form in which two spellings of a name are the same: NFKC, without case, single blanks. @param {string} text */
export const normalise = (text) => (PLAIN.test(text) ? text : caseless(text.normalize("NFKC")).replaceAll("_", " ").split(/\s+/).filter(Boolean).join(" "));

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

/** @param {string} wanted @param {Spelled} spelled @param {Term} term @param {(parent: string) => boolean} isKind @returns {[number, string] | null} score, alias */
function matchOf(wanted, { name, aliases, parent, all }, term, isKind) {
  if (all.includes(wanted)) {
    if (name === wanted) return [EXACT, ""];
    const exact = aliases.indexOf(wanted);
    if (exact >= 0) return [EXACT_ALIAS, term.aliases[exact]];
    if (name.startsWith(wanted)) return [PREFIX, ""];
    if (name.includes(` ${wanted}`)) return [WORD, ""];
    const alias = aliases.findIndex((other) => beginsAWord(wanted, other));
    if (alias >= 0) return [ALIAS, term.aliases[alias]];
    if (isKind(parent)) return [HYPERNYM, ""];
    if (name.includes(wanted)) return [INFIX, ""];
    const inside = aliases.findIndex((other) => other.includes(wanted));
    if (inside >= 0) return [INFIX, term.aliases[inside]];
  }
  if (isKind(parent)) return [HYPERNYM, ""];
  return wanted.length >= SHORTEST_SUBSEQUENCE && isSubsequence(wanted, name) ? [SUBSEQUENCE, ""] : null;
}

/** Whether a hypernym fits; there are few of them, so that each is looked at once. @param {string} wanted @returns {(parent: string) => boolean} */
function kindMatcher(wanted) {
  /** @type {Map<string, boolean>} */
  const known = new Map();
  return (parent) => {
    let fits = known.get(parent);
    if (fits === undefined) known.set(parent, (fits = beginsAWord(wanted, parent)));
    return fits;
  };
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
