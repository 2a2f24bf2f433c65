/** How wide charts are drawn, px, so that their letters have the size of the page's. */

const CARD_MARGINS = 60;
const [LEAST, LEAST_PAIRED] = [280, 400];

/** @param {HTMLElement} host what they stand in @returns {{full: number, half: number}} of one chart in a row, and of one of two */
export function widthsIn(host) {
  const full = Math.max(LEAST, host.clientWidth - CARD_MARGINS);
  return { full, half: full < 2 * LEAST_PAIRED ? full : (full - CARD_MARGINS) / 2 };
}
