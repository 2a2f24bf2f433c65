/** Live-wire: the cheapest way along edges of the picture, from one place to every other of a window. */

/** @typedef {import("./wand.js").Picture} Picture */

/** Cost of a step on a perfectly flat place; on the strongest edge it is 1. */
const FLAT = 255;
/** Diagonal steps cost √2 as much. */
const DIAGONAL = 1.414;
/** More than the dearest step: a bucket queue of this size never wraps onto itself. */
const BUCKETS = 512;
/** Cost that one more pixel of distance is worth when a place is moved to an edge. */
const PRICE_OF_DISTANCE = 6;
/** What `ways` says of the place all ways lead to, and of places none leads to. */
export const SEED = 8;
export const NO_WAY = 255;

const STEPS_X = [-1, 0, 1, -1, 1, -1, 0, 1];
const STEPS_Y = [-1, -1, -1, 0, 0, 1, 1, 1];

/**
 * @param {Picture} picture
 * @returns {Uint8Array} [height × width] 1 on strong edges to 255 where it is flat
 */
export function edgeCost({ data, width, height }) {
  const light = new Float32Array(width * height);
  for (let i = 0, j = 0; i < light.length; i++, j += 4) light[i] = 0.3 * data[j] + 0.59 * data[j + 1] + 0.11 * data[j + 2];
  const strength = new Float32Array(width * height);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const [a, b] = [i - width, i + width];
      const across = light[a - 1] + 2 * light[i - 1] + light[b - 1] - light[a + 1] - 2 * light[i + 1] - light[b + 1];
      const down = light[a - 1] + 2 * light[a] + light[a + 1] - light[b - 1] - 2 * light[b] - light[b + 1];
      strength[i] = Math.sqrt(across * across + down * down);
    }
  }
  const full = Math.max(8, strongest(strength));
  return Uint8Array.from(strength, (value) => Math.max(1, Math.round(FLAT * (1 - Math.min(1, value / full)))));
}

/** The strength that one pixel in fifty exceeds: a single glint must not make all other edges weak. @param {Float32Array} strength */
function strongest(strength) {
  const counts = new Uint32Array(1500);
  for (const value of strength) counts[Math.min(1499, Math.floor(value))]++;
  let above = 0;
  for (let value = 1499; value > 0; value--) {
    above += counts[value];
    if (above > strength.length / 50) return value;
  }
  return 1;
}

/**
 * Dijkstra's algorithm with a bucket queue.
 * @param {Uint8Array} cost [height × width] @param {number} width @param {number} height @param {number} x @param {number} y the seed
 * @returns {{ways: Uint8Array, lengths: Int32Array}} ways: direction (0–7) of the next step towards the seed
 */
export function waysTo(cost, width, height, x, y) {
  const lengths = new Int32Array(width * height).fill(0x7fffffff);
  const ways = new Uint8Array(width * height).fill(NO_WAY);
  const done = new Uint8Array(width * height);
  /** @type {number[][]} */
  const buckets = Array.from({ length: BUCKETS }, () => []);
  const seed = y * width + x;
  lengths[seed] = 0;
  ways[seed] = SEED;
  buckets[0].push(seed);
  let waiting = 1;
  for (let length = 0; waiting > 0; length++) {
    const bucket = buckets[length % BUCKETS];
    waiting -= bucket.length;
    for (const place of bucket) {
      if (done[place] || lengths[place] !== length) continue;
      done[place] = 1;
      const px = place % width;
      const py = (place - px) / width;
      for (let k = 0; k < 8; k++) {
        const [nx, ny] = [px + STEPS_X[k], py + STEPS_Y[k]];
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        const next = ny * width + nx;
        if (done[next]) continue;
        const reached = length + stepCost(cost[next], k);
        if (reached >= lengths[next]) continue;
        lengths[next] = reached;
        ways[next] = 7 - k;
        buckets[reached % BUCKETS].push(next);
        waiting++;
      }
    }
    bucket.length = 0;
  }
  return { ways, lengths };
}

/** @param {number} cost of the pixel stepped on @param {number} direction */
export const stepCost = (cost, direction) => (STEPS_X[direction] !== 0 && STEPS_Y[direction] !== 0 ? Math.floor(cost * DIAGONAL) : cost) + 1;

/**
 * The way from the seed to a place.
 * @param {Uint8Array} ways @param {number} width @param {number} x @param {number} y
 * @returns {[number, number][]} every pixel of it, the seed first
 */
export function wayFrom(ways, width, x, y) {
  /** @type {[number, number][]} */
  const way = [];
  for (;;) {
    const direction = ways[y * width + x];
    if (direction === NO_WAY || direction === undefined) return way.reverse();
    way.push([x, y]);
    if (direction === SEED) return way.reverse();
    x += STEPS_X[direction];
    y += STEPS_Y[direction];
  }
}

/**
 * The strongest edge near a place; nearer ones win over slightly stronger ones.
 * @param {Uint8Array} cost [height × width] @param {number} width @param {number} height @param {number} x @param {number} y
 * @param {number} reach pixels; 0 leaves the place where it is
 * @returns {[number, number]}
 */
export function edgeNear(cost, width, height, x, y, reach) {
  /** @type {[number, number]} */
  let best = [x, y];
  let least = reach > 0 ? cost[y * width + x] : -1;
  for (let j = Math.max(0, y - reach); j <= Math.min(height - 1, y + reach); j++) {
    for (let i = Math.max(0, x - reach); i <= Math.min(width - 1, x + reach); i++) {
      const away = Math.hypot(i - x, j - y);
      const price = cost[j * width + i] + away * PRICE_OF_DISTANCE;
      if (away > reach || price >= least) continue;
      least = price;
      best = [i, j];
    }
  }
  return best;
}

/**
 * A way without its stairs: each point becomes the mean of its neighbours along it; the ends stay.
 * @param {[number, number][]} way @param {number} [reach] neighbours on either side
 * @returns {[number, number][]}
 */
export function smoothWay(way, reach = 2) {
  return way.map((point, i) => {
    const around = Math.min(reach, i, way.length - 1 - i);
    if (around === 0) return point;
    let [x, y] = [0, 0];
    for (let k = i - around; k <= i + around; k++) {
      x += way[k][0];
      y += way[k][1];
    }
    return [x / (2 * around + 1), y / (2 * around + 1)];
  });
}
