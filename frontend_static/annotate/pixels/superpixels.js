/** Superpixels (SLIC): parts of the picture of one colour, all of about one size, each connected. */

/** @typedef {import("./wand.js").Picture} Picture */
/** @typedef {{superpixelOf: Int32Array, count: number}} Superpixels superpixelOf: [height × width] number of each pixel's superpixel, from 0 */

const ROUNDS = 6;
/** Parts smaller than this share of a superpixel join a neighbour. */
const SMALLEST = 0.25;

/**
 * @param {Picture} picture @param {number} size  side of one in pixels
 * @param {number} [compactness]  how much nearness counts beside colour
 * @returns {Superpixels}
 */
export function superpixels(picture, size, compactness = 10) {
  const { width, height } = picture;
  const lab = toLab(picture);
  const columns = Math.max(1, Math.round(width / size));
  const rows = Math.max(1, Math.round(height / size));
  const centres = new Float32Array(5 * columns * rows);
  for (let k = 0; k < columns * rows; k++) {
    const x = Math.floor((((k % columns) + 0.5) * width) / columns);
    const y = Math.floor(((Math.floor(k / columns) + 0.5) * height) / rows);
    const i = 3 * (y * width + x);
    centres.set([lab[i], lab[i + 1], lab[i + 2], x, y], 5 * k);
  }
  const superpixelOf = new Int32Array(width * height).fill(-1);
  const reach = Math.ceil(Math.max(width / columns, height / rows)) + 1;
  for (let round = 0; round < ROUNDS; round++) {
    assign(lab, width, height, centres, reach, (compactness / size) ** 2, superpixelOf);
    recentre(lab, width, superpixelOf, centres);
  }
  return connected(superpixelOf, width, height, SMALLEST * size * size);
}

/** Every pixel to the nearest centre around it. @param {Float32Array} lab @param {number} width @param {number} height @param {Float32Array} centres @param {number} reach @param {number} weight @param {Int32Array} superpixelOf */
function assign(lab, width, height, centres, reach, weight, superpixelOf) {
  const distances = new Float32Array(width * height).fill(Infinity);
  for (let k = 0; k < centres.length / 5; k++) {
    const [l, a, b, cx, cy] = centres.subarray(5 * k, 5 * k + 5);
    const left = Math.max(0, Math.floor(cx - reach));
    const right = Math.min(width - 1, Math.ceil(cx + reach));
    const bottom = Math.min(height - 1, Math.ceil(cy + reach));
    for (let y = Math.max(0, Math.floor(cy - reach)); y <= bottom; y++) {
      const down = (y - cy) * (y - cy);
      for (let x = left, i = y * width + left, j = 3 * i; x <= right; x++, i++, j += 3) {
        const [dl, da, db] = [lab[j] - l, lab[j + 1] - a, lab[j + 2] - b];
        const distance = dl * dl + da * da + db * db + weight * ((x - cx) * (x - cx) + down);
        if (distance >= distances[i]) continue;
        distances[i] = distance;
        superpixelOf[i] = k;
      }
    }
  }
}

/** @param {Float32Array} lab @param {number} width @param {Int32Array} superpixelOf @param {Float32Array} centres */
function recentre(lab, width, superpixelOf, centres) {
  const sums = new Float64Array(6 * (centres.length / 5));
  for (let i = 0; i < superpixelOf.length; i++) {
    if (superpixelOf[i] < 0) continue;
    const o = 6 * superpixelOf[i];
    sums[o] += lab[3 * i];
    sums[o + 1] += lab[3 * i + 1];
    sums[o + 2] += lab[3 * i + 2];
    sums[o + 3] += i % width;
    sums[o + 4] += Math.floor(i / width);
    sums[o + 5]++;
  }
  for (let k = 0; k < centres.length / 5; k++) {
    const count = sums[6 * k + 5];
    if (count > 0) for (let c = 0; c < 5; c++) centres[5 * k + c] = sums[6 * k + c] / count;
  }
}

/** Make every superpixel one 4-connected part; parts too small join the part before them. @param {Int32Array} superpixelOf @param {number} width @param {number} height @param {number} smallest @returns {Superpixels} */
function connected(superpixelOf, width, height, smallest) {
  const out = new Int32Array(superpixelOf.length).fill(-1);
  const queue = new Int32Array(superpixelOf.length);
  let count = 0;
  for (let start = 0; start < superpixelOf.length; start++) {
    if (out[start] >= 0) continue;
    let end = 0;
    let neighbour = -1;
    queue[end++] = start;
    out[start] = count;
    for (let at = 0; at < end; at++) {
      const place = queue[at];
      const x = place % width;
      const around = [x > 0 ? place - 1 : -1, x < width - 1 ? place + 1 : -1, place - width, place + width];
      for (const next of around) {
        if (next < 0 || next >= superpixelOf.length) continue;
        if (out[next] >= 0 && out[next] !== count) neighbour = out[next];
        else if (out[next] < 0 && superpixelOf[next] === superpixelOf[start]) {
          out[next] = count;
          queue[end++] = next;
        }
      }
    }
    if (end < smallest && neighbour >= 0) for (let at = 0; at < end; at++) out[queue[at]] = neighbour;
    else count++;
  }
  return { superpixelOf: out, count };
}

/**
 * The pixels of every superpixel.
 * @param {Superpixels} superpixels
 * @returns {{starts: Int32Array, places: Int32Array}} places[starts[p] … starts[p + 1]] are those of superpixel p
 */
export function placesOf({ superpixelOf, count }) {
  const starts = new Int32Array(count + 1);
  for (const superpixel of superpixelOf) starts[superpixel + 1]++;
  for (let superpixel = 0; superpixel < count; superpixel++) starts[superpixel + 1] += starts[superpixel];
  const next = starts.slice();
  const places = new Int32Array(superpixelOf.length);
  superpixelOf.forEach((superpixel, place) => (places[next[superpixel]++] = place));
  return { starts, places };
}

const LINEAR = Float32Array.from({ length: 256 }, (_, i) => (i <= 10 ? i / 255 / 12.92 : ((i / 255 + 0.055) / 1.055) ** 2.4));
const ROOTS = Float32Array.from({ length: 1025 }, (_, i) => (i / 1024 > 0.008856 ? Math.cbrt(i / 1024) : (7.787 * i) / 1024 + 16 / 116));

/** CIE L*a*b*, in which distances are as the eye sees them. @param {Picture} picture @returns {Float32Array} [height × width × 3] */
export function toLab({ data, width, height }) {
  const lab = new Float32Array(3 * width * height);
  for (let i = 0, j = 0; j < lab.length; i += 4, j += 3) {
    const [r, g, b] = [LINEAR[data[i]], LINEAR[data[i + 1]], LINEAR[data[i + 2]]];
    const x = ROOTS[Math.round(1024 * Math.min(1, (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505))];
    const y = ROOTS[Math.round(1024 * Math.min(1, 0.2126 * r + 0.7152 * g + 0.0722 * b))];
    const z = ROOTS[Math.round(1024 * Math.min(1, (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089))];
    lab[j] = 116 * y - 16;
    lab[j + 1] = 500 * (x - y);
    lab[j + 2] = 200 * (y - z);
  }
  return lab;
}
