/** Which entities an outline takes in. */

/** @typedef {import("../segmentation/raster.js").Point} Point */
/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */

/** The outline is looked at in at most so many rows and columns. */
const SAMPLES = 384;
/** What must lie inside of an entity's pixels for it to be meant. */
const LEAST_SHARE = 0.5;

/**
 * The entities that lie inside an outline by half or more, largest first.
 * @param {LabelMap} map @param {Point[]} outline @returns {number[]}
 */
export function numbersInside(map, outline) {
  if (outline.length < 3) return [];
  const [x0, y0, x1, y1] = boxOf(outline, map);
  if (x1 < x0 || y1 < y0) return [];
  const step = Math.max(1, Math.ceil(Math.max(x1 - x0, y1 - y0) / SAMPLES));
  /** @type {Map<number, number>} number → samples */
  const samples = new Map();
  for (let y = y0; y <= y1; y += step) {
    const crossings = crossingsAt(outline, y);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil((crossings[i] - x0) / step));
      for (let x = x0 + first * step; x <= Math.min(x1, crossings[i + 1]); x += step) {
        const number = map.get(x, y);
        samples.set(number, (samples.get(number) ?? 0) + 1);
      }
    }
  }
  /** @param {number} number */
  const isInside = (number) => {
    const seen = samples.get(number) ?? 0;
    if (seen > 0) return seen * step * step >= LEAST_SHARE * map.area[number];
    return step > 1 && map.area[number] < 4 * step * step && isPointInside(outline, middleOf(map, number));
  };
  return map.numbers().filter(isInside).sort((a, b) => map.area[b] - map.area[a]);
}

/** @param {Point[]} outline @param {LabelMap} map @returns {[number, number, number, number]} its box within the image */
function boxOf(outline, { width, height }) {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  return [Math.max(0, Math.floor(Math.min(...xs))), Math.max(0, Math.floor(Math.min(...ys))), Math.min(width - 1, Math.ceil(Math.max(...xs))), Math.min(height - 1, Math.ceil(Math.max(...ys)))];
}

/** Where a row crosses the outline, from the left. @param {Point[]} outline @param {number} y */
function crossingsAt(outline, y) {
  /** @type {number[]} */
  const xs = [];
  outline.forEach(([xa, ya], i) => {
    const [xb, yb] = outline[(i + 1) % outline.length];
    if (ya <= y === yb <= y) return;
    xs.push(xa + ((y - ya) / (yb - ya)) * (xb - xa));
  });
  return xs.sort((a, b) => a - b);
}

/** @param {Point[]} outline @param {Point} point */
const isPointInside = (outline, [x, y]) => crossingsAt(outline, y).filter((crossing) => crossing < x).length % 2 === 1;

/** @param {LabelMap} map @param {number} number @returns {Point} */
function middleOf(map, number) {
  const box = map.boxOf(number) ?? [-1, -1, -1, -1];
  return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2 + 0.01];
}
