/** Ranking the vocabulary against what has been typed. */

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
/** @typedef {{term: Term, score: number, reason: string}} Suggestion reason: why it is there, if not for its name */

/**
 * exact > prefix > word > alias > hypernym > infix > subsequence; frequent names first among equals.
 * @param {string} query @param {Term[]} terms @param {number} [limit]
 * @returns {Suggestion[]}
 */
export function suggest(query, terms, limit = 8) {
  const wanted = normalise(query);
  const suggestions = [];
  for (const term of terms) {
    const match = matchOf(wanted, term);
    if (!match) continue;
    const [score, reason] = match;
    suggestions.push({ term, score: score + Math.min(12, 3 * Math.log2(1 + term.uses)), reason });
  }
  return suggestions.sort((a, b) => b.score - a.score || a.term.name.localeCompare(b.term.name)).slice(0, limit);
}

/** @param {string} text */
export const normalise = (text) => text.normalize("NFKC").toLowerCase().replaceAll("_", " ").split(/\s+/).filter(Boolean).join(" ");

/** @param {string} wanted @param {Term} term @returns {[number, string] | null} */
function matchOf(wanted, term) {
  const name = normalise(term.name);
  if (!wanted) return [0, ""];
  if (name === wanted) return [200, ""];
  if (name.startsWith(wanted)) return [150 - name.length * 0.2, ""];
  if (name.includes(` ${wanted}`)) return [120, ""];
  const alias = term.aliases.find((other) => normalise(other).startsWith(wanted));
  if (alias) return [normalise(alias) === wanted ? 145 : 100, `also: ${alias}`];
  if (term.parent && normalise(term.parent).startsWith(wanted)) return [70, `a kind of ${term.parent}`];
  if (name.includes(wanted)) return [55, ""];
  if (wanted.length > 2 && isSubsequence(wanted, name)) return [25 - name.length * 0.1, ""];
  return null;
}

/** @param {string} wanted @param {string} name */
function isSubsequence(wanted, name) {
  let i = 0;
  for (const letter of name) if (letter === wanted[i]) i++;
  return i === wanted.length;
}

/** The term a typed name already stands for, by name or alias. @param {string} name @param {Term[]} terms */
export function knownTerm(name, terms) {
  const wanted = normalise(name);
  return terms.find((term) => [term.name, ...term.aliases].some((other) => normalise(other) === wanted));
}
