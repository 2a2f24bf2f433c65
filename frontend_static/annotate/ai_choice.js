/** Which of a model's candidates a person means with points and a box. Pure. */
import { cellCount, maskOf, partAt } from "../segmentation/coco_mask.js";

/** @typedef {import("../segmentation/coco_mask.js").Mask} Mask */
/** @typedef {import("../segmentation/raster.js").Point} Point */
/** @typedef {[number, number, number, number]} Box x0, y0, x1, y1 in image px, both ends inside */
/** @typedef {{points: {at: Point, isInside: boolean}[], box: Box | null}} Prompt */
/** What a model answers for a view of the image. @typedef {{view: [number, number, number, number], stride: number, split: boolean, candidates: {score: number, bbox: number[], rle: {size: [number, number], counts: string}}[]}} Answer */
/**
 * One mask to offer.
 * @typedef {object} Option
 * @property {Mask} mask @property {number} score
 * @property {"whole" | "part" | "joined" | "cut"} how  as the model saw it, one connected part of that, several together, or less what is not meant
 * @property {boolean} fits  every point is on its side
 */

/** A box is meant by a mask whose own box overlaps it by this much (IoU). */
const BOX_FITS = 0.5;
/** A mask that ends at the edge of what the model looked at is probably more than it shows. */
const CUT_OFF = 0.6;
const MOST_OFFERED = 12;
const SAME_IOU = 0.92;

/** @typedef {Answer["candidates"][number]} Candidate */

/** Cells of the candidates looked at so far; most of an image's are never asked for. @type {WeakMap<Candidate, Mask>} */
const decoded = new WeakMap();

/** @param {Candidate} candidate */
function cellsOf(candidate) {
  const mask = decoded.get(candidate) ?? maskOf(candidate.rle);
  decoded.set(candidate, mask);
  return mask;
}

/**
 * Candidates by how well they are what is meant, best first.
 * @param {Answer} answer @param {Prompt} prompt @param {{width: number, height: number}} image
 * @returns {Option[]} empty if the model sees nothing there; options that fit come before those that do not
 */
export function choose(answer, prompt, image) {
  const wanted = inCells(answer, prompt);
  if (wanted.inside.length === 0 && !wanted.box) return [];
  const ranked = [];
  for (const candidate of answer.candidates.filter(({ bbox }) => isNear(bbox, prompt))) {
    const { score, bbox } = candidate;
    for (const { of, how, weight } of variants(cellsOf(candidate), wanted, answer.split)) {
      const cut = isCutOff(bbox, answer.view, image) ? CUT_OFF : 1;
      const boxed = wanted.box ? boxIou(of, wanted.box) : 1;
      ranked.push({ mask: of, how, score, rank: score * weight * cut * boxed ** 2, fits: fits(of, wanted) && boxed >= BOX_FITS });
    }
  }
  ranked.sort((a, b) => b.rank - a.rank);
  const fitting = distinct(ranked.filter((option) => option.fits));
  const composed = fitting.length > 0 ? [] : compose(ranked, wanted);
  return [...fitting, ...composed].slice(0, MOST_OFFERED).map(({ mask, how, score, fits: isFit }) => ({ mask, how, score, fits: isFit }));
}

/** Whether a candidate can matter at all. @param {number[]} bbox x, y, width, height @param {Prompt} prompt */
function isNear([x, y, w, h], { points, box }) {
  const holds = points.some(({ at: [px, py] }) => px >= x && py >= y && px < x + w && py < y + h);
  return holds || (box !== null && box[0] < x + w && box[2] >= x && box[1] < y + h && box[3] >= y);
}

/** @typedef {{inside: number[], outside: number[], box: Box | null, width: number}} Wanted cells the points lie in, the box in cells */

/** @param {Answer} answer @param {Prompt} prompt @returns {Wanted} points beyond the view are left out */
function inCells({ view: [x, y, w, h], stride }, { points, box }) {
  const width = Math.ceil(w / stride);
  /** @param {boolean} side */
  const under = (side) =>
    points
      .filter(({ at: [px, py], isInside }) => isInside === side && px >= x && py >= y && px < x + w && py < y + h)
      .map(({ at: [px, py] }) => Math.floor((py - y) / stride) * width + Math.floor((px - x) / stride));
  return {
    inside: under(true),
    outside: under(false),
    box: box && [(box[0] - x) / stride, (box[1] - y) / stride, (box[2] + 1 - x) / stride, (box[3] + 1 - y) / stride],
    width,
  };
}

/**
 * A mask as it is, and the connected part of it that is pointed at.
 * @param {Mask} mask @param {Wanted} wanted @param {boolean} split  the model's masks are to be taken part by part
 * @returns {{of: Mask, how: "whole" | "part", weight: number}[]}
 */
function variants(mask, { inside }, split) {
  const touched = inside.filter((cell) => mask.cells[cell] === 1);
  /** @type {{of: Mask, how: "whole" | "part", weight: number}[]} */
  const whole = [{ of: mask, how: "whole", weight: split ? 0.5 : 1 }];
  if (touched.length === 0) return whole;
  const part = partAt(mask, touched[0]);
  const share = cellCount(part) / cellCount(mask);
  if (share > SAME_IOU || !touched.every((cell) => part.cells[cell] === 1)) return [{ of: mask, how: "whole", weight: 1 }];
  return [...whole, { of: part, how: "part", weight: split ? 1 : Math.sqrt(share) * 0.9 }];
}

/** @param {Mask} mask @param {Wanted} wanted */
const fits = (mask, { inside, outside }) => inside.every((cell) => mask.cells[cell] === 1) && outside.every((cell) => mask.cells[cell] === 0);

/** IoU of a mask's own box and another, in cells. @param {Mask} mask @param {Box} box right and bottom outside */
function boxIou({ width, height, cells }, [x0, y0, x1, y1]) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let j = 0, i = 0; j < height; j++) {
    for (let k = 0; k < width; k++, i++) {
      if (!cells[i]) continue;
      if (k < left) left = k;
      if (k > right) right = k;
      if (j < top) top = j;
      bottom = j;
    }
  }
  if (bottom < 0) return 0;
  const shared = Math.max(0, Math.min(x1, right + 1) - Math.max(x0, left)) * Math.max(0, Math.min(y1, bottom + 1) - Math.max(y0, top));
  return shared / ((x1 - x0) * (y1 - y0) + (right + 1 - left) * (bottom + 1 - top) - shared);
}

/** Whether a mask touches an edge of the view that is no edge of the image. @param {number[]} bbox @param {number[]} view @param {{width: number, height: number}} image */
const isCutOff = ([x, y, w, h], [vx, vy, vw, vh], image) =>
  (x <= vx && vx > 0) || (y <= vy && vy > 0) || (x + w >= vx + vw && vx + vw < image.width) || (y + h >= vy + vh && vy + vh < image.height);

/** @template {{mask: Mask}} T @param {T[]} ranked best first @returns {T[]} without near copies of better ones */
function distinct(ranked) {
  /** @type {T[]} */
  const kept = [];
  for (const option of ranked) {
    if (kept.length === MOST_OFFERED) break;
    if (kept.every(({ mask }) => iou(mask, option.mask) < SAME_IOU)) kept.push(option);
  }
  return kept;
}

/** @param {Mask} a @param {Mask} b */
function iou(a, b) {
  let shared = 0;
  let either = 0;
  for (let i = 0; i < a.cells.length; i++) {
    shared += a.cells[i] & b.cells[i];
    either += a.cells[i] | b.cells[i];
  }
  return either ? shared / either : 0;
}

/**
 * No candidate fits: join the best one of every point inside, and take away the smallest one of every point outside.
 * @param {{mask: Mask, score: number, rank: number}[]} ranked @param {Wanted} wanted
 * @returns {Option[]} one or none
 */
function compose(ranked, wanted) {
  const { inside, outside } = wanted;
  if (inside.length === 0) return [];
  const cells = new Uint8Array(ranked[0]?.mask.cells.length ?? 0);
  let best = 0;
  let parts = 0;
  for (const cell of inside) {
    if (cells[cell]) continue;
    const found = ranked.find(({ mask }) => mask.cells[cell] === 1 && outside.every((other) => mask.cells[other] === 0)) ?? ranked.find(({ mask }) => mask.cells[cell] === 1);
    if (!found) continue;
    found.mask.cells.forEach((value, i) => (cells[i] |= value));
    best = Math.max(best, found.score);
    parts++;
  }
  if (parts === 0) return [];
  let isCut = false;
  for (const cell of outside) {
    if (!cells[cell]) continue;
    const taken = ranked.filter(({ mask }) => mask.cells[cell] === 1 && inside.every((other) => mask.cells[other] === 0));
    const [smallest] = taken.sort((a, b) => cellCount(a.mask) - cellCount(b.mask));
    if (!smallest) continue;
    smallest.mask.cells.forEach((value, i) => (cells[i] &= ~value & 1));
    isCut = true;
  }
  const { width, height } = ranked[0].mask;
  const mask = { width, height, cells };
  return [{ mask, how: isCut ? "cut" : "joined", score: best, fits: fits(mask, wanted) }];
}
