/** COCO's compressed RLE of an entity: column-major run lengths, written as pycocotools writes them. */
import { segmentsOf } from "./regions.js";

/**
 * @param {import("./label_map.js").LabelMap} map @param {number} number
 * @returns {string} `counts` of the RLE; its size is [map.height, map.width]
 */
export const rleOf = (map, number) => compressed(columnCounts(map, number));

/** Lengths of alternating runs of zeros and ones, column after column. @param {import("./label_map.js").LabelMap} map @param {number} number */
function columnCounts(map, number) {
  const starts = [];
  const ends = [];
  for (const [x, ya, yb] of columnSegments(segmentsOf(map, number))) {
    starts.push(x * map.height + ya);
    ends.push(x * map.height + yb + 1);
  }
  const counts = [];
  let position = 0;
  for (let i = 0; i < starts.length; i++) {
    const touchesLast = i > 0 && starts[i] === ends[i - 1];
    if (touchesLast) counts[counts.length - 1] += ends[i] - starts[i];
    else counts.push(starts[i] - position, ends[i] - starts[i]);
    position = ends[i];
  }
  const rest = map.width * map.height - position;
  if (rest > 0) counts.push(rest);
  return counts;
}

/**
 * Row segments turned into column segments, sorted by column, then row.
 * @param {Int32Array} segments (y, xa, xb), sorted by row @returns {[number, number, number][]} (x, ya, yb)
 */
function columnSegments(segments) {
  /** @type {Map<number, [number, number, number]>} column → the segment that is still growing */
  const open = new Map();
  /** @type {[number, number, number][]} */
  const closed = [];
  for (let i = 0; i < segments.length; i += 3) {
    const y = segments[i];
    for (let x = segments[i + 1]; x <= segments[i + 2]; x++) {
      const current = open.get(x);
      if (current && current[2] === y - 1) current[2] = y;
      else {
        if (current) closed.push(current);
        open.set(x, [x, y, y]);
      }
    }
  }
  return [...closed, ...open.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** Five bits a character, least first; from the third on, the difference to the count two before. @param {number[]} counts */
function compressed(counts) {
  let text = "";
  counts.forEach((count, i) => {
    let rest = i > 2 ? count - counts[i - 2] : count;
    for (let more = true; more; ) {
      const bits = rest & 31;
      rest >>= 5;
      more = bits & 16 ? rest !== -1 : rest !== 0;
      text += String.fromCharCode((more ? bits | 32 : bits) + 48);
    }
  });
  return text;
}
