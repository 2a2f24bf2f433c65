/** Giving names: one command for one entity or many, undone like a stroke. */
import { plural, t } from "../shared/translate.js";
import { normalise } from "./suggestions.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {ReturnType<typeof createNaming>} Naming */
/** What the person was shown when a name was given: kept with the operation. @typedef {Record<string, unknown>} Circumstances */

/** Reserved names and the keys that give them. */
export const QUICK_NAMES = [
  { key: "alt+u", name: "unknown", label: t("Unknown: nobody could tell what it is") },
  { key: "alt+b", name: "blurred", label: t("Blurred: too unclear to tell") },
];
export const LONGEST_NAME = 100;

/** What an entity is called whose kind has no word of its own. @param {string} supercategory */
export const otherOf = (supercategory) => `${supercategory}_other`;

/** Why these letters are no name, "" if they are one. @param {string} name */
export function faultOf(name) {
  if (!normalise(name)) return t("A name has at least one letter.");
  if ([...name].length > LONGEST_NAME) return t("A name may have {n} characters.", { n: LONGEST_NAME });
  if (/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) return t("The name holds a character that cannot be printed.");
  return "";
}

/**
 * @param {object} parts
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
 * @param {() => number[]} parts.chosen  what a name is given to
 * @param {(number: number) => Circumstances} parts.circumstances
 * @param {(numbers: number[], term: Term | null) => void} parts.onNamed
 * @param {(sentence: string) => void} parts.say
 */
export function createNaming({ drawing, vocabulary, chosen, circumstances, onNamed, say }) {
  /** @param {string} tool @param {number[]} numbers @param {Term | null} term @param {string} typed @param {Circumstances} [more] */
  function give(tool, numbers, term, typed, more = {}) {
    const after = { term: term?.id ?? null, name: term?.name ?? typed, rawName: typed };
    const fields = numbers.map((number) => {
      const { term: before, name, rawName } = drawing.entities.get(number);
      return { number, before: { term: before, name, rawName }, after };
    });
    const several = numbers.length > 1 ? { numbers } : {};
    drawing.run({ tool, number: numbers[0], ...several, ...more }, [], fields);
    if (term) vocabulary.noteUse(term, numbers.length);
  }

  /** @param {Term} term @param {Circumstances} [more] */
  function withTerm(term, more = {}) {
    const numbers = chosen();
    if (numbers.length === 0) return;
    give("name", numbers, term, term.name, { ...circumstances(numbers[0]), ...more });
    onNamed(numbers, term);
  }

  return {
    /** Name what is chosen with a term of the vocabulary. */
    withTerm,
    /** Name it with free text; a new word goes to the curator. @param {string} typed */
    async withText(typed) {
      const numbers = chosen();
      const name = typed.trim();
      const fault = faultOf(name);
      if (fault) say(fault);
      if (numbers.length === 0 || fault) return;
      const isNew = !vocabulary.find(name);
      try {
        const term = await vocabulary.termFor(name);
        give("name", numbers, term, name, circumstances(numbers[0]));
        if (isNew) say(term ? t("“{name}” is new: the curator will look at it.", { name }) : t("“{name}” is kept and proposed once you are online.", { name }));
        onNamed(numbers, term);
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
      }
    },
    /** Give a name that was just given to entities that look like its own, in one command. @param {number[]} numbers @param {Term} term @param {Circumstances} more */
    propagate(numbers, term, more) {
      if (numbers.length === 0) return;
      give("propagate", numbers, term, term.name, more);
      say(plural(numbers.length, "{n} similar entity is called {name} now.", "{n} similar entities are called {name} now.", { name: term.name }));
    },
    /** Take the names away. */
    clear() {
      const numbers = chosen().filter((number) => drawing.entities.get(number).name);
      if (numbers.length > 0) give("name", numbers, null, "");
    },
    /** Propose names that were typed offline. @returns {Promise<void>} */
    async resolveTyped() {
      for (const number of drawing.map.numbers()) {
        const { term, rawName } = drawing.entities.get(number);
        if (term !== null || !rawName) continue;
        const found = await vocabulary.termFor(rawName);
        if (found) drawing.describe("name", number, { term: found.id, name: found.name });
      }
    },
  };
}
