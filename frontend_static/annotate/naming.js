/** Giving names: one command per name, undone like a stroke. */
import { t } from "../shared/translate.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {ReturnType<typeof createNaming>} Naming */

/** Reserved names and the keys that give them. */
export const QUICK_NAMES = [
  { key: "alt+u", name: "unknown", label: t("Unknown: nobody could tell what it is") },
  { key: "alt+b", name: "blurred", label: t("Blurred: too unclear to tell") },
];

/** What an entity is called whose kind has no word of its own. @param {string} supercategory */
export const otherOf = (supercategory) => `${supercategory}_other`;

/**
 * @param {object} parts
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
 * @param {() => number} parts.selected
 * @param {() => void} parts.onNamed
 * @param {(sentence: string) => void} parts.say
 */
export function createNaming({ drawing, vocabulary, selected, onNamed, say }) {
  /** @param {number} number @param {Term | null} term @param {string} typed */
  function give(number, term, typed) {
    const name = term?.name ?? typed;
    drawing.describe("name", number, { term: term?.id ?? null, name, rawName: typed });
    if (term) vocabulary.noteUse(term);
  }

  return {
    /** Name the selected entity with a term of the vocabulary. @param {Term} term */
    withTerm(term) {
      const number = selected();
      if (number === 0) return;
      give(number, term, term.name);
      onNamed();
    },
    /** Name it with free text; a new word goes to the curator. @param {string} typed */
    async withText(typed) {
      const number = selected();
      const name = typed.trim().slice(0, 100);
      if (number === 0 || !name) return;
      const isNew = !vocabulary.find(name);
      try {
        const term = await vocabulary.termFor(name);
        give(number, term, name);
        if (isNew) say(term ? t("“{name}” is new: the curator will look at it.", { name }) : t("“{name}” is kept and proposed once you are online.", { name }));
        onNamed();
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
      }
    },
    /** Take the name away. */
    clear() {
      const number = selected();
      if (number > 0 && drawing.entities.get(number).name) drawing.describe("name", number, { term: null, name: "", rawName: "" });
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
