/** Choosing several entities at once: the active one, and those a name is given to together with it. */

/** @typedef {import("./editor_state.js").EditorStore} EditorStore */
/** @typedef {ReturnType<typeof createChosen>} Chosen */
/** @typedef {{selected: number, chosen: number[]}} Choice  chosen: empty where only the active one is meant */

/** @param {Choice} choice @returns {number[]} all that are meant, the active one first */
export const meant = ({ selected, chosen }) => (selected === 0 ? [] : chosen.length > 1 ? [selected, ...chosen.filter((n) => n !== selected)] : [selected]);

/** Exactly these; the first is the active one. @param {number[]} numbers @returns {Choice} */
export const exactly = (numbers) => ({ selected: numbers[0] ?? 0, chosen: numbers.length > 1 ? numbers : [] });

/** One more, or one less. @param {Choice} choice @param {number} number @returns {Choice} */
export function toggled(choice, number) {
  const before = meant(choice);
  if (!before.includes(number)) return exactly([number, ...before]);
  return before.length > 1 ? exactly(before.filter((other) => other !== number)) : choice;
}

/**
 * Everything between the anchor and a number, as the list shows them; the number becomes the active one.
 * @param {number[]} order @param {number} anchor @param {number} number @returns {Choice}
 */
export function ranged(order, anchor, number) {
  const [from, to] = [order.indexOf(anchor), order.indexOf(number)];
  if (from < 0 || to < 0) return exactly([number]);
  const between = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return exactly([number, ...between.filter((other) => other !== number)]);
}

/** @param {EditorStore} store @param {() => number[]} order  the numbers as the list shows them */
export function createChosen(store, order) {
  let anchor = 0;

  /** @param {Choice} choice */
  function put({ selected, chosen }) {
    const { previous, selected: before } = store.state;
    store.set({ selected, chosen, previous: selected === before ? previous : before || previous });
  }
  store.watch(["selected"], ({ selected, chosen }) => {
    if (!chosen.includes(selected)) {
      anchor = selected;
      if (chosen.length > 0) store.set({ chosen: [] });
    }
  });

  return {
    /** What a name would be given to, the active one first. */
    numbers: () => meant(store.state),
    has: (/** @type {number} */ number) => number === store.state.selected || store.state.chosen.includes(number),
    /** @param {number} number */
    only(number) {
      anchor = number;
      put(exactly(number > 0 ? [number] : []));
    },
    /** @param {number} number */
    toggle: (number) => put(toggled(store.state, number)),
    /** @param {number} number */
    extendTo(number) {
      if (!order().includes(anchor)) anchor = store.state.selected;
      put(ranged(order(), anchor, number));
    },
    /** @param {number[]} numbers @param {{more?: boolean}} [options] more: besides those chosen already */
    these: (numbers, { more = false } = {}) => put(exactly([...new Set([...(more ? meant(store.state) : []), ...numbers])])),
    all: () => put(exactly(order())),
  };
}
