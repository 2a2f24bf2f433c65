/** Names so near to known ones that a typing error is likelier than a new idea; `vocabulary/near.py` is its twin. */
import { normalise, spellingOf } from "./suggestions.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {"spacing" | "plural" | "spelling"} Difference */
/** @typedef {{normal: string, joined: string, singular: string, letters: number}} Form */
/** @typedef {{term: Term, name: string, kind: Difference}} Near name: of the term, or the alias that is near */

/** @type {Difference[]} */
const KINDS = ["spacing", "plural", "spelling"];
const SHORTEST_MISSPELT = 4;
const LONG = 8;
const MOST = 3;
const IRREGULAR = new Map(
  Object.entries({
    people: "person", persons: "person", men: "man", women: "woman", children: "child", feet: "foot", teeth: "tooth", mice: "mouse",
    geese: "goose", leaves: "leaf", knives: "knife", shelves: "shelf", wolves: "wolf", loaves: "loaf", buses: "bus", glasses: "glass",
  }),
);

/**
 * The terms that a new name may have meant, likeliest first: other spacing, then plural, then a letter or two astray.
 * Empty where the name itself is known.
 * @param {string} name @param {Term[]} terms @returns {Near[]}
 */
export function nearNames(name, terms) {
  const wanted = formOf(normalise(name));
  if (!wanted.normal) return [];
  /** @type {(Near & {distance: number, normal: string})[]} */
  const found = [];
  for (const term of terms) {
    for (const [i, form] of formsOf(term).entries()) {
      if (form.normal === wanted.normal) return [];
      const near = howNear(wanted, form);
      if (near) found.push({ term, name: i === 0 ? term.name : term.aliases[i - 1], kind: near[0], distance: near[1], normal: form.normal });
    }
  }
  found.sort(
    (a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.distance - b.distance || b.term.uses - a.term.uses || (a.normal < b.normal ? -1 : 1),
  );
  /** @type {Map<Term, Near>} */
  const best = new Map();
  for (const { term, name: near, kind } of found) if (!best.has(term)) best.set(term, { term, name: near, kind });
  return [...best.values()].slice(0, MOST);
}

/** @type {WeakMap<Term, Form[]>} */
const known = new WeakMap();

/** @param {Term} term @returns {Form[]} of its name and its aliases */
function formsOf(term) {
  let forms = known.get(term);
  if (!forms) {
    const { name, aliases } = spellingOf(term);
    forms = [name, ...aliases].map(formOf);
    known.set(term, forms);
  }
  return forms;
}

/** @param {string} normal @returns {Form} */
const formOf = (normal) => ({ normal, joined: joined(normal), singular: singular(normal), letters: lettersOf(normal) });

/** Which letters occur, as bits: two names whose letters differ much need not be compared. @param {string} name */
function lettersOf(name) {
  let bits = 0;
  for (let i = 0; i < name.length; i++) bits |= 1 << (name.charCodeAt(i) & 31);
  return bits;
}

/** @param {number} bits */
function countOf(bits) {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** @param {Form} a @param {Form} b @returns {[Difference, number] | null} */
function howNear(a, b) {
  if (a.joined === b.joined) return ["spacing", 0];
  if (a.singular === b.singular) return ["plural", 0];
  const [long, short] = [a.normal.length, b.normal.length];
  const shorter = Math.min(long, short);
  const most = shorter >= LONG ? 2 : 1;
  if (Math.abs(long - short) > most || shorter < SHORTEST_MISSPELT) return null;
  if (shorter < LONG && a.normal[0] !== b.normal[0]) return null;
  // An edit changes two letters at most.
  if (countOf(a.letters ^ b.letters) > 2 * most) return null;
  const distance = editDistance(a.normal, b.normal);
  return distance <= most ? ["spelling", distance] : null;
}

/** @param {string} name */
const joined = (name) => name.replaceAll(" ", "").replaceAll("-", "");

/** A name with its last word in the singular, as English mostly has it. @param {string} name */
export function singular(name) {
  const at = name.lastIndexOf(" ") + 1;
  return name.slice(0, at) + singularWord(name.slice(at));
}

/** @param {string} word */
function singularWord(word) {
  const irregular = IRREGULAR.get(word);
  if (irregular) return irregular;
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

/** Letters to change, add, drop or swap with their neighbour. @param {string} a @param {string} b */
export function editDistance(a, b) {
  /** @type {number[]} */
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2] + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
