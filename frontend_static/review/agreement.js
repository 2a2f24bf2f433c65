/** What the server says of two saved annotations: the measures that a study reports, which the browser does not work out. */

/** @typedef {{pq: number | null, f1: number | null, ap: number | null, covering: number | null, entities: [number, number]}} Agreement */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation  the one under review
 * @param {() => void} parts.onTold
 */
export function createAgreement({ api, annotation, onTold }) {
  /** @type {Agreement | null} */
  let told = null;
  let asked = 0;

  return {
    /** null: not known, or nothing the server has. */
    current: () => told,
    /** @param {import("./sides.js").Place | null} place what it is compared with; an earlier revision is the browser's own affair */
    async ask(place) {
      const mine = ++asked;
      told = null;
      if (!place || place.revision !== null) return;
      const answer = await api.get(`annotations/${annotation}/agreement?with=${place.annotation}`).catch(() => null);
      if (mine !== asked) return;
      told = answer;
      onTold();
    },
  };
}
