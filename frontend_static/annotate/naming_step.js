/** The naming step without its panel: what a name is given to, what comes after it, and what the model adds. */
import { createChosen } from "./chosen.js";
import { createNaming } from "./naming.js";
import { createPropagation } from "./propagation.js";
import { createSimilarity } from "./similarity.js";
import { nextUnnamed } from "./walk_order.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {ReturnType<typeof createNamingStep>} NamingStep */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail  GET annotations/{id}
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
 * @param {import("./autosave.js").Autosave} parts.autosave
 * @param {() => number[]} parts.order  numbers as the list shows them
 * @param {() => void} parts.toNext  go to the entity to be named next
 * @param {(sentence: string) => void} parts.say
 */
export function createNamingStep({ api, detail, drawing, store, vocabulary, autosave, order, toNext, say }) {
  const { map, entities } = drawing;
  const chosen = createChosen(store, order);
  const similarity = createSimilarity({ api, annotation: detail.id, save: autosave.settle });
  const isUnnamed = (/** @type {number} */ number) => map.area[number] > 0 && !entities.get(number).name;
  const propagation = createPropagation({ similarTo: similarity.similarTo, isUnnamed, give: (numbers, term, more) => naming.propagate(numbers, term, more) });

  const naming = createNaming({
    drawing, vocabulary, say,
    chosen: chosen.numbers,
    // Whether a suggestion was seen and followed is kept, so that what suggestions do to names can be studied.
    circumstances: (number) => {
      const suggested = isUnnamed(number) ? similarity.guessesFor(number).map(({ term }) => term) : [];
      return suggested.length > 0 ? { suggested } : {};
    },
    onNamed: (numbers, term) => {
      if (term) void propagation.look(numbers, term);
      similarity.refreshSoon();
      toNext();
    },
  });

  drawing.onChange(({ tiles, operation }) => {
    if (tiles.length > 0) similarity.outdate();
    propagation.refresh();
    const wasName = operation.undone && (operation.tool === "name" || operation.tool === "propagate");
    // Whoever takes a name back wants to see what it was taken from.
    if (wasName && store.state.step === "names") {
      propagation.forget();
      similarity.refreshSoon();
      chosen.these(Array.isArray(operation.numbers) ? operation.numbers : [operation.number]);
    }
  });
  store.watch(["step"], ({ step }) => {
    if (step === "names") return;
    similarity.end();
    propagation.forget();
  });
  // Whoever takes up a brush works on one entity again.
  store.watch(["tool"], ({ tool, selected }) => {
    if (tool !== "select") chosen.only(selected);
  });

  return {
    naming, chosen, propagation, similarity,
    unnamed: () => map.numbers().filter(isUnnamed),
    /** The entity to name next, 0 if all have names. @param {number} [from] */
    next: (from = store.state.selected) => nextUnnamed(map, map.numbers().filter(isUnnamed), store.state.nextOrder, from),
    /** The step has begun. */
    begin() {
      if (!store.state.readOnly) void similarity.begin();
    },
    /** Take one of the model's suggestions for the active entity. @param {number} place from 0 */
    takeGuess(place) {
      const { selected } = store.state;
      const guess = isUnnamed(selected) ? similarity.guessesFor(selected)[place] : undefined;
      const term = guess && vocabulary.get(guess.term);
      if (term) naming.withTerm(term, { taken: place + 1 });
      return Boolean(term);
    },
    /** Choose every entity that is called like the active one. @returns {number} how many */
    chooseNamesakes() {
      const { name } = entities.get(store.state.selected);
      if (!name) return 0;
      const alike = map.numbers().filter((number) => number !== store.state.selected && entities.get(number).name === name);
      chosen.these([store.state.selected, ...alike]);
      return alike.length + 1;
    },
  };
}
