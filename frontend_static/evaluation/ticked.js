/** Which two reports are ticked to be compared. Pure. */

/** @typedef {{id: number, name: string}} Named */

export const BOTH = 2;

/** A third tick takes the place of the first. @param {Named[]} ticked @param {Named} one @param {boolean} isTicked @returns {Named[]} */
export function ticks(ticked, one, isTicked) {
  const others = ticked.filter(({ id }) => id !== one.id);
  return isTicked ? [...others, one].slice(-BOTH) : others;
}
