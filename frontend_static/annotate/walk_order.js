/** In which order entities are gone through: the largest first, or as one reads a page. */

/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {"area" | "space"} WalkOrder */

/** An image is read in so many lines. */
const LINES = 6;

/** @param {LabelMap} map @param {WalkOrder} order @returns {(a: number, b: number) => number} of two numbers */
export function comparing(map, order) {
  if (order === "area") return (a, b) => map.area[b] - map.area[a] || a - b;
  /** @type {Map<number, [number, number]>} line and x of the middle */
  const places = new Map();
  /** @param {number} number @returns {[number, number]} */
  const placeOf = (number) => {
    let place = places.get(number);
    if (!place) {
      const [x0, y0, x1, y1] = map.boxOf(number) ?? [0, 0, 0, 0];
      place = [Math.floor((LINES * (y0 + y1)) / 2 / map.height), x0 + x1];
      places.set(number, place);
    }
    return place;
  };
  return (a, b) => placeOf(a)[0] - placeOf(b)[0] || placeOf(a)[1] - placeOf(b)[1] || a - b;
}

/**
 * The unnamed entity to go to: the largest there is, or the next one after where one is.
 * @param {LabelMap} map @param {number[]} unnamed @param {WalkOrder} order @param {number} from  where one is, 0 for nowhere
 * @returns {number} 0 if there is none
 */
export function nextUnnamed(map, unnamed, order, from) {
  const compare = comparing(map, order);
  const others = unnamed.filter((number) => number !== from).sort(compare);
  if (others.length === 0) return unnamed.includes(from) ? from : 0;
  if (order === "area" || from === 0 || map.area[from] === 0) return others[0];
  return others.find((number) => compare(from, number) < 0) ?? others[0];
}
