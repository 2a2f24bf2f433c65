/** Dividing a gap among its neighbours: every pixel goes to the entity that is nearest on a way through the gap. */

/** @typedef {import("./label_map.js").LabelMap} LabelMap */

/** Lengths of a step to the side and of a diagonal one; 5 : 7 is within 2 % of 1 : √2. */
const SIDE = 5;
const DIAGONAL = 7;
const BUCKETS = 8;

/**
 * @param {LabelMap} map @param {ArrayLike<number>} spans rows of one gap: triples (y, xa, xb) @param {import("./label_map.js").Box} box of it
 * @param {(number: number) => boolean} mayReceive
 * @returns {{y: number, xa: number, xb: number, number: number}[] | null} rows with their new numbers; null if nobody may receive
 */
export function divideGap(map, spans, [x0, y0, x1, y1], mayReceive) {
  const width = x1 - x0 + 3;
  const height = y1 - y0 + 3;
  const owner = new Uint16Array(width * height);
  const distance = new Int32Array(width * height).fill(-1);
  const free = 0x7fffffff;
  for (let i = 0; i < spans.length; i += 3) {
    const row = (spans[i] - y0 + 1) * width - x0 + 1;
    distance.fill(free, row + spans[i + 1], row + spans[i + 2] + 1);
  }
  /** @type {number[][]} places whose distance is d wait in bucket d mod 8 */
  const buckets = Array.from({ length: BUCKETS }, () => []);
  let waiting = 0;
  /** @param {number} place @param {number} length @param {number} number */
  function reach(place, length, number) {
    if (distance[place] < length || (distance[place] === length && owner[place] <= number)) return;
    distance[place] = length;
    owner[place] = number;
    buckets[length % BUCKETS].push(place);
    waiting++;
  }
  for (let i = 0; i < spans.length; i += 3) {
    const y = spans[i];
    for (let x = spans[i + 1]; x <= spans[i + 2]; x++) {
      for (const [nx, ny] of [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]]) {
        const number = nx < 0 || ny < 0 || nx >= map.width || ny >= map.height ? 0 : map.get(nx, ny);
        if (number > 0 && mayReceive(number)) reach((y - y0 + 1) * width + x - x0 + 1, SIDE, number);
      }
    }
  }
  if (waiting === 0) return null;
  for (let length = SIDE; waiting > 0; length++) {
    const bucket = buckets[length % BUCKETS];
    buckets[length % BUCKETS] = [];
    waiting -= bucket.length;
    for (const place of bucket) {
      if (distance[place] !== length) continue;
      const number = owner[place];
      for (const step of [-1, 1, -width, width]) if (distance[place + step] > 0) reach(place + step, length + SIDE, number);
      for (const step of [-width - 1, -width + 1, width - 1, width + 1]) {
        if (distance[place + step] > 0) reach(place + step, length + DIAGONAL, number);
      }
    }
  }
  return rowsOf(spans, (x, y) => owner[(y - y0 + 1) * width + x - x0 + 1]);
}

/** @param {ArrayLike<number>} spans @param {(x: number, y: number) => number} ownerAt */
function rowsOf(spans, ownerAt) {
  const rows = [];
  for (let i = 0; i < spans.length; i += 3) {
    const y = spans[i];
    for (let xa = spans[i + 1]; xa <= spans[i + 2]; ) {
      const number = ownerAt(xa, y);
      let xb = xa;
      while (xb < spans[i + 2] && ownerAt(xb + 1, y) === number) xb++;
      rows.push({ y, xa, xb, number });
      xa = xb + 1;
    }
  }
  return rows;
}
