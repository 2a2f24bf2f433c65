/** Similar unnamed entities to give the same name to: an offer the person looks through before taking it. */
import { createSignal } from "./store.js";

/** @typedef {import("./suggestions.js").Term} Term */
/** @typedef {{number: number, similarity: number}} Similar */
/** @typedef {Similar & {checked: boolean}} Offered */
/** @typedef {{term: Term, source: number[], offered: Offered[]}} Offer */
/** @typedef {ReturnType<typeof createPropagation>} Propagation */

export const MOST_OFFERED = 6;
/** Less alike than this is not worth a look, and only what is this much alike is ticked: docs/editor.md has the figures. */
export const LEAST_OFFERED = 0.8;
export const LEAST_CHECKED = 0.95;

/** @param {Similar[]} similar  most alike first @param {(number: number) => boolean} isUnnamed @returns {Offered[]} */
export const offerOf = (similar, isUnnamed) =>
  similar
    .filter(({ number, similarity }) => similarity >= LEAST_OFFERED && isUnnamed(number))
    .slice(0, MOST_OFFERED)
    .map(({ number, similarity }) => ({ number, similarity, checked: similarity >= LEAST_CHECKED }));

/**
 * @param {object} parts
 * @param {(numbers: number[]) => Promise<Similar[]>} parts.similarTo
 * @param {(number: number) => boolean} parts.isUnnamed
 * @param {(numbers: number[], term: Term, more: Record<string, unknown>) => void} parts.give
 */
export function createPropagation({ similarTo, isUnnamed, give }) {
  /** @type {Offer | null} */
  let offer = null;
  let asked = 0;
  /** @type {ReturnType<typeof createSignal<Offer | null>>} */
  const changed = createSignal();

  /** @param {Offer | null} next */
  function put(next) {
    offer = next && next.offered.length > 0 ? next : null;
    changed.emit(offer);
  }

  return {
    current: () => offer,
    onChange: changed.on,
    /** Look for entities like those that were just named. @param {number[]} source @param {Term} term */
    async look(source, term) {
      const mine = ++asked;
      put(null);
      const similar = await similarTo(source);
      if (mine === asked) put({ term, source, offered: offerOf(similar, isUnnamed) });
    },
    /** @param {number} number */
    toggle(number) {
      if (!offer) return;
      put({ ...offer, offered: offer.offered.map((row) => (row.number === number ? { ...row, checked: !row.checked } : row)) });
    },
    /** All of them, or none if all are ticked already. */
    toggleAll() {
      if (!offer) return;
      const checked = !offer.offered.every((row) => row.checked);
      put({ ...offer, offered: offer.offered.map((row) => ({ ...row, checked })) });
    },
    /** Name those that are ticked. @returns {number} how many */
    take() {
      if (!offer) return 0;
      const { term, source, offered } = offer;
      const taken = offered.filter(({ number, checked }) => checked && isUnnamed(number)).map(({ number }) => number);
      asked++;
      put(null);
      give(taken, term, { source: source[0], offered: offered.map(({ number, similarity }) => [number, similarity]) });
      return taken.length;
    },
    /** Entities that got a name otherwise are offered no longer. */
    refresh() {
      if (offer && offer.offered.some(({ number }) => !isUnnamed(number))) put({ ...offer, offered: offer.offered.filter(({ number }) => isUnnamed(number)) });
    },
    forget() {
      asked++;
      if (offer) put(null);
    },
  };
}
