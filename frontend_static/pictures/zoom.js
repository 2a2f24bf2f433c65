/** One window on pictures of one size, whichever of them is moved: a scale and a place, as shares of the picture. Pure. */

/** @typedef {{scale: number, x: number, y: number}} View scale 1: all of it; x, y: what is in the middle, 0 to 1 */

const LARGEST = 16;

/** @type {View} */
export const WHOLE = { scale: 1, x: 0.5, y: 0.5 };

/** Nothing beside the picture comes into view. @param {View} view @returns {View} */
function inside({ scale, x, y }) {
  const half = 0.5 / scale;
  return { scale, x: Math.min(1 - half, Math.max(half, x)), y: Math.min(1 - half, Math.max(half, y)) };
}

/**
 * Nearer or further; the place under the pointer stays there.
 * @param {View} view @param {number} factor @param {{x: number, y: number}} [at] in the window, 0 to 1
 */
export function zoomed(view, factor, at = { x: 0.5, y: 0.5 }) {
  const scale = Math.min(LARGEST, Math.max(1, view.scale * factor));
  const shift = 1 / view.scale - 1 / scale;
  return inside({ scale, x: view.x + (at.x - 0.5) * shift, y: view.y + (at.y - 0.5) * shift });
}

/**
 * What shows a box of a picture that lies in the middle of its window, as large as fits, with room around it.
 * @param {[left: number, top: number, right: number, bottom: number]} box shares of the picture
 * @param {number} picture @param {number} pane width over height of the picture and of its window @param {number} [room] how much larger than the box
 */
export function viewOn([left, top, right, bottom], picture, pane, room = 1.4) {
  const [across, down] = [Math.min(1, picture / pane), Math.min(1, pane / picture)];
  const extent = room * Math.max((right - left) * across, (bottom - top) * down);
  const scale = Math.min(LARGEST, Math.max(1, 1 / extent));
  return inside({ scale, x: 0.5 + ((left + right) / 2 - 0.5) * across, y: 0.5 + ((top + bottom) / 2 - 0.5) * down });
}

/** @param {View} view @param {number} dx @param {number} dy what the picture moves by, as shares of the window */
export const moved = (view, dx, dy) => inside({ ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale });

/** For CSS, of an element as large as its window. @param {View} view */
export const transformOf = ({ scale, x, y }) => `scale(${scale}) translate(${((0.5 - x) * 100).toFixed(3)}%, ${((0.5 - y) * 100).toFixed(3)}%)`;
