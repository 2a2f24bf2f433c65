/** The images chosen for a bulk action; they stay chosen over pages and filters. */

/** @param {() => void} onChange */
export function createSelection(onChange) {
  /** @type {Set<number>} */
  const ids = new Set();
  let last = 0;

  /** @param {Iterable<number>} some @param {boolean} chosen */
  function setAll(some, chosen) {
    for (const id of some) {
      if (chosen) ids.add(id);
      else ids.delete(id);
    }
    onChange();
  }

  return {
    has: (/** @type {number} */ id) => ids.has(id),
    all: () => [...ids],
    size: () => ids.size,
    setAll,
    /** Choose one, or with `toLast` every image of the page from the one chosen last to this one.
     * @param {number} id @param {boolean} chosen @param {number[]} page @param {boolean} toLast */
    set(id, chosen, page, toLast) {
      const [from, to] = [page.indexOf(last), page.indexOf(id)].sort((a, b) => a - b);
      last = id;
      setAll(toLast && from >= 0 ? page.slice(from, to + 1) : [id], chosen);
    },
    clear() {
      ids.clear();
      onChange();
    },
  };
}

/** @typedef {ReturnType<typeof createSelection>} Selection */
