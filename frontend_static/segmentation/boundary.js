/**
 * How far the borders of two masks agree: the IoU of the bands of pixels along them. The twin of segmentation/boundary.py;
 * fixtures/golden/disagreements.json holds both to it.
 */

/** @typedef {Map<number, number[]>} Rows  row → x of first and last pixel of each stretch, from left to right, joined where they touch */

/** Of the image's diagonal. */
const BAND = 0.02;

/** How wide the band is, in pixels; halves go to the even number, as in Python. @param {number} width @param {number} height of the image */
export function bandWidth(width, height) {
  const exact = BAND * Math.hypot(height, width);
  return Math.max(1, exact % 1 === 0.5 ? 2 * Math.round(exact / 2) : Math.round(exact));
}

/**
 * IoU of the bands of two masks: of their pixels within `distance` (in x and in y) of what is not theirs, be it outside the image.
 * @param {Rows} a @param {Rows} b neither empty @param {number} distance
 */
export function boundaryIou(a, b, distance) {
  const [innerA, innerB] = [eroded(a, distance), eroded(b, distance)];
  const both = shared(a, b) - shared(a, innerB) - shared(innerA, b) + shared(innerA, innerB);
  const either = areaOf(a) - areaOf(innerA) + areaOf(b) - areaOf(innerB) - both;
  return both / either;
}

/** What is left of a mask without its band. Windows of rows double in height, so that a row costs few meetings. @param {Rows} rows @param {number} distance */
function eroded(rows, distance) {
  /** @type {Rows} from a row on, what all `height` rows have */
  let window = new Map();
  for (const [y, row] of rows) {
    const short = shortened(row, distance);
    if (short.length > 0) window.set(y, short);
  }
  for (let height = 1; height < 2 * distance + 1; ) {
    const step = Math.min(height, 2 * distance + 1 - height);
    window = common(window, step);
    height += step;
  }
  return new Map([...window].map(([y, row]) => [y + distance, row]));
}

/** @param {number[]} row @param {number} distance */
function shortened(row, distance) {
  const short = [];
  for (let i = 0; i < row.length; i += 2) if (row[i] + distance <= row[i + 1] - distance) short.push(row[i] + distance, row[i + 1] - distance);
  return short;
}

/** Each row with what it has in common with the one `step` below. @param {Rows} rows @param {number} step @returns {Rows} */
function common(rows, step) {
  /** @type {Rows} */
  const found = new Map();
  for (const [y, row] of rows) {
    const meeting = meetingOf(row, rows.get(y + step) ?? []);
    if (meeting.length > 0) found.set(y, meeting);
  }
  return found;
}

/** Where two rows of stretches overlap. @param {number[]} a @param {number[]} b */
function meetingOf(a, b) {
  const meeting = [];
  for (let i = 0, k = 0; i < a.length && k < b.length; ) {
    const [from, to] = [Math.max(a[i], b[k]), Math.min(a[i + 1], b[k + 1])];
    if (from <= to) meeting.push(from, to);
    if (a[i + 1] < b[k + 1]) i += 2;
    else k += 2;
  }
  return meeting;
}

/** @param {number[]} row @returns {number} pixels */
function lengthOf(row) {
  let length = 0;
  for (let i = 0; i < row.length; i += 2) length += row[i + 1] - row[i] + 1;
  return length;
}

/** Pixels in both. @param {Rows} a @param {Rows} b */
function shared(a, b) {
  let pixels = 0;
  for (const [y, row] of a) pixels += lengthOf(meetingOf(row, b.get(y) ?? []));
  return pixels;
}

/** @param {Rows} rows */
function areaOf(rows) {
  let pixels = 0;
  for (const row of rows.values()) pixels += lengthOf(row);
  return pixels;
}
