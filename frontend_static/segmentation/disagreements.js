/** Where two label maps of one image disagree: entities paired by overlap, each difference with its kind, area and box. */
import { bandWidth, boundaryIou } from "./boundary.js";
import { jointHistogram, zipTiles } from "./compare.js";
import { entityGroups } from "./entity_groups.js";
import { segmentsOf } from "./regions.js";
import { MASK, SHIFT, TILE, createRunWriter } from "./tiles.js";

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./label_map.js").Box} Box */
/** @typedef {import("./tiles.js").TileState} TileState */
/** @typedef {import("./entity_groups.js").Shared} Shared */
/** @typedef {import("./boundary.js").Rows} Rows */
/** @typedef {"agree" | "alike" | "boundary" | "split" | "merged" | "regrouped" | "missing" | "extra" | "name"} Kind */
/**
 * Entities of the first map against those of the second that share their place.
 * @typedef {object} Disagreement
 * @property {string} key  the numbers of both sides, the same however the list is sorted
 * @property {Kind} kind
 * @property {number[]} a  numbers in the first map, the one that shares most first
 * @property {number[]} b  numbers in the second
 * @property {number} iou  of the union of one side with the union of the other
 * @property {number} area  disputed pixels; all of them where the names differ
 * @property {Box | null} box  of the disputed pixels; of the entities where only names differ
 */
/**
 * @typedef {object} Figures
 * @property {number} entitiesA
 * @property {number} entitiesB
 * @property {number} matched  pairs with an IoU over one half
 * @property {number} meanIou  of those pairs; 1 where neither map has an entity
 * @property {number} pq  panoptic quality without regard to names; 1 where neither map has an entity
 * @property {number} f1  of those pairs; 1 where neither map has an entity
 * @property {number} bothNamed  pairs where both entities have a name
 * @property {number} sameName
 * @property {number} disputedPx  pixels that are not of the same pair, nor unlabelled in both
 * @property {number} totalPx
 * @property {Record<Kind, number>} kinds
 */

/** Over this IoU a partner is unique. */
const MATCH = 0.5;
/** The boundary IoU below which two entities differ in their boundary, in a study's report too. */
const LOW_BOUNDARY = 0.5;

/** @type {Kind[]} */
export const KINDS = ["missing", "extra", "split", "merged", "regrouped", "boundary", "name", "alike", "agree"];

const writer = createRunWriter();

/**
 * @param {LabelMap} a @param {LabelMap} b of the same size
 * @param {{nameA?: (number: number) => string, nameB?: (number: number) => string}} [options]
 * @returns {{items: Disagreement[], figures: Figures, difference: TileState[]}} the largest disputed area first;
 *   `difference` are tiles with 0 where the maps disagree and 1 where they agree
 */
export function disagreements(a, b, { nameA = () => "", nameB = () => "" } = {}) {
  const shared = sharedPixels(a, b);
  const partner = partnersOf(a, b, shared);
  const groups = groupsOf(a, b, shared, partner);
  const { measured, difference, disputedPx } = measureDifference(a, b, groups, partner);
  const items = groups.map((group, i) => itemOf(group, measured[i], { a, b, shared, nameA, nameB }));
  items.sort((p, q) => q.area - p.area || p.a.length - q.a.length || (p.key < q.key ? -1 : 1));
  return { items, figures: figuresOf({ a, b, shared, partner, items, disputedPx, nameA, nameB }), difference };
}

/** @param {LabelMap} a @param {LabelMap} b @returns {Shared} */
function sharedPixels(a, b) {
  /** @type {Shared} */
  const shared = { ofA: new Map(), ofB: new Map() };
  /** @param {Map<number, Map<number, number>>} of @param {number} from @param {number} to @param {number} pixels */
  const put = (of, from, to, pixels) => {
    const row = of.get(from);
    if (row) row.set(to, pixels);
    else of.set(from, new Map([[to, pixels]]));
  };
  for (const [key, pixels] of jointHistogram(a, b)) {
    const [numberA, numberB] = [Math.floor(key / 65536), key % 65536];
    put(shared.ofA, numberA, numberB, pixels);
    put(shared.ofB, numberB, numberA, pixels);
  }
  return shared;
}

/** @param {LabelMap} a @param {LabelMap} b @param {Shared} shared @returns {Map<number, number>} number in a → its match in b */
function partnersOf(a, b, shared) {
  /** @type {Map<number, number>} */
  const partner = new Map();
  for (const [numberA, row] of shared.ofA) {
    for (const [numberB, pixels] of row) {
      if (numberA === 0 || numberB === 0) continue;
      if (pixels > MATCH * (a.area[numberA] + b.area[numberB] - pixels)) partner.set(numberA, numberB);
    }
  }
  return partner;
}

/** @typedef {{kind: Kind | null, a: number[], b: number[]}} Group  kind null: a pair, still to be looked at */

/**
 * Every entity of either map in exactly one group: what was cut differently first, then pairs, then what is left alone.
 * @param {LabelMap} a @param {LabelMap} b @param {Shared} shared @param {Map<number, number>} partner
 * @returns {Group[]}
 */
function groupsOf(a, b, shared, partner) {
  /** @type {Group[]} */
  const groups = entityGroups(a.area, b.area, shared, partner).map((group) => ({ kind: kindOf(group), ...group }));
  const usedA = new Set(groups.flatMap((group) => group.a));
  const usedB = new Set(groups.flatMap((group) => group.b));
  for (const [numberA, numberB] of partner) {
    if (usedA.has(numberA) || usedB.has(numberB)) continue;
    groups.push({ kind: null, a: [numberA], b: [numberB] });
    usedA.add(numberA);
    usedB.add(numberB);
  }
  for (const number of a.numbers()) if (!usedA.has(number)) groups.push({ kind: "missing", a: [number], b: [] });
  for (const number of b.numbers()) if (!usedB.has(number)) groups.push({ kind: "extra", a: [], b: [number] });
  return groups;
}

/** @param {{a: number[], b: number[]}} group @returns {Kind} */
const kindOf = ({ a, b }) => (a.length === 1 ? "split" : b.length === 1 ? "merged" : "regrouped");

/**
 * One pass over both maps: the disputed pixels and their box for each group, and the map of what is disputed.
 * @param {LabelMap} a @param {LabelMap} b @param {Group[]} groups @param {Map<number, number>} partner
 */
function measureDifference(a, b, groups, partner) {
  const ofA = new Int32Array(65536).fill(-1);
  const ofB = new Int32Array(65536).fill(-1);
  groups.forEach((group, i) => {
    for (const number of group.a) ofA[number] = i;
    for (const number of group.b) ofB[number] = i;
  });
  const match = new Uint16Array(65536);
  for (const [numberA, numberB] of partner) match[numberA] = numberB;
  const measured = groups.map(() => ({ area: 0, box: /** @type {Box} */ ([Infinity, Infinity, -1, -1]) }));
  /** @type {TileState[]} */
  const difference = [];
  let disputedPx = 0;
  for (let t = 0; t < a.count; t++) {
    const place = { left: (t % a.nx) * TILE, top: Math.floor(t / a.nx) * TILE, width: a.validWidth(t), height: a.validHeight(t) };
    zipTiles(a.tiles[t], b.tiles[t], (numberA, numberB, start, length) => {
      // Where an entity has no match, match[numberA] is 0, and so is what B left unlabelled: they do not agree.
      const agrees = numberA === 0 || numberB === 0 ? numberA === numberB : match[numberA] === numberB;
      writer.put(agrees ? 1 : 0, length);
      if (agrees) return;
      const [first, second] = [ofA[numberA], ofB[numberB]];
      const pixels = addRun(place, start, length, first < 0 ? null : measured[first], second < 0 || second === first ? null : measured[second]);
      disputedPx += pixels;
    });
    difference.push(writer.finish());
  }
  return { measured, difference, disputedPx };
}

/** @typedef {{area: number, box: Box}} Measure */

/**
 * Add a run to the measures of the groups it is disputed between.
 * @param {{left: number, top: number, width: number, height: number}} place of the tile and its valid part
 * @param {number} start @param {number} length @param {Measure | null} first @param {Measure | null} second
 * @returns {number} pixels inside the image
 */
function addRun({ left, top, width, height }, start, length, first, second) {
  let pixels = 0;
  for (const end = start + length; start < end; ) {
    const y = start >> SHIFT;
    const x = start & MASK;
    // Whole rows at once: a uniform tile is one rectangle.
    const rows = x === 0 && end - start >= TILE ? (end - start) >> SHIFT : 1;
    const stop = rows > 1 || (x === 0 && end - start >= TILE) ? start + (rows << SHIFT) : Math.min(end, (y + 1) << SHIFT);
    const right = Math.min(width, rows > 1 ? TILE : x + stop - start);
    const bottom = Math.min(height, y + rows);
    if (x < right && y < bottom) {
      const count = (right - x) * (bottom - y);
      pixels += count;
      for (const measure of [first, second]) {
        if (!measure) continue;
        measure.area += count;
        grow(measure.box, left + x, top + y, left + right - 1, top + bottom - 1);
      }
    }
    start = stop;
  }
  return pixels;
}

/** @param {Box} box changed in place @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 */
function grow(box, x0, y0, x1, y1) {
  if (x0 < box[0]) box[0] = x0;
  if (y0 < box[1]) box[1] = y0;
  if (x1 > box[2]) box[2] = x1;
  if (y1 > box[3]) box[3] = y1;
}

/**
 * @param {Group} group @param {Measure} measure
 * @param {{a: LabelMap, b: LabelMap, shared: Shared, nameA: (number: number) => string, nameB: (number: number) => string}} maps
 * @returns {Disagreement}
 */
function itemOf(group, { area, box }, { a, b, shared, nameA, nameB }) {
  const [areaA, areaB] = [sum(group.a, (n) => a.area[n]), sum(group.b, (n) => b.area[n])];
  const common = sum(group.a, (n) => sum(group.b, (m) => shared.ofA.get(n)?.get(m) ?? 0));
  const item = {
    key: `${group.a.join(",")}|${group.b.join(",")}`,
    a: group.a,
    b: group.b,
    iou: common / (areaA + areaB - common),
    area,
    box: box[2] < 0 ? null : box,
  };
  if (group.kind) return { ...item, kind: group.kind };
  const [numberA] = group.a;
  const [numberB] = group.b;
  if (differInName(nameA(numberA), nameB(numberB))) {
    return { ...item, kind: "name", area: areaA + areaB - common, box: joined(a.boxOf(numberA), b.boxOf(numberB)) };
  }
  if (area === 0) return { ...item, kind: "agree", box: a.boxOf(numberA) };
  return { ...item, kind: boundaryDiffers(a, numberA, b, numberB) ? "boundary" : "alike" };
}

/** @param {number[]} numbers @param {(number: number) => number} value */
const sum = (numbers, value) => numbers.reduce((total, number) => total + value(number), 0);

/** An entity without a name says nothing yet. @param {string} a @param {string} b */
const differInName = (a, b) => a !== "" && b !== "" && a !== b;

/** @param {Box | null} p @param {Box | null} q @returns {Box | null} */
function joined(p, q) {
  if (!p || !q) return p ?? q;
  return [Math.min(p[0], q[0]), Math.min(p[1], q[1]), Math.max(p[2], q[2]), Math.max(p[3], q[3])];
}

/** Whether the borders of a pair lie so far apart that a study's report counts it as one of the boundary. @param {LabelMap} a @param {number} numberA @param {LabelMap} b @param {number} numberB */
function boundaryDiffers(a, numberA, b, numberB) {
  const [rowsA, rowsB] = [rowsOf(segmentsOf(a, numberA)), rowsOf(segmentsOf(b, numberB))];
  return boundaryIou(rowsA, rowsB, bandWidth(a.width, a.height)) < LOW_BOUNDARY;
}

/** @param {Int32Array} segments (y, xa, xb), sorted @returns {Rows} */
function rowsOf(segments) {
  /** @type {Rows} */
  const rows = new Map();
  for (let i = 0; i < segments.length; i += 3) {
    const row = rows.get(segments[i]);
    if (!row) rows.set(segments[i], [segments[i + 1], segments[i + 2]]);
    else if (row[row.length - 1] + 1 === segments[i + 1]) row[row.length - 1] = segments[i + 2];
    else row.push(segments[i + 1], segments[i + 2]);
  }
  return rows;
}

/**
 * @param {{a: LabelMap, b: LabelMap, shared: Shared, partner: Map<number, number>, items: Disagreement[], disputedPx: number,
 *   nameA: (number: number) => string, nameB: (number: number) => string}} found
 * @returns {Figures}
 */
function figuresOf({ a, b, shared, partner, items, disputedPx, nameA, nameB }) {
  const kinds = /** @type {Record<Kind, number>} */ (Object.fromEntries(KINDS.map((kind) => [kind, 0])));
  for (const { kind } of items) kinds[kind]++;
  let ious = 0;
  let bothNamed = 0;
  let sameName = 0;
  for (const [numberA, numberB] of partner) {
    const pixels = shared.ofA.get(numberA)?.get(numberB) ?? 0;
    ious += pixels / (a.area[numberA] + b.area[numberB] - pixels);
    const [one, other] = [nameA(numberA), nameB(numberB)];
    if (one && other) bothNamed++;
    if (one && one === other) sameName++;
  }
  const [entitiesA, entitiesB] = [a.numbers().length, b.numbers().length];
  const entities = entitiesA + entitiesB;
  const meanIou = partner.size > 0 ? ious / partner.size : entities === 0 ? 1 : 0;
  const ofAll = (/** @type {number} */ matched) => (entities > 0 ? (2 * matched) / entities : 1);
  return { entitiesA, entitiesB, matched: partner.size, meanIou, pq: ofAll(ious), f1: ofAll(partner.size), bothNamed, sameName, disputedPx, totalPx: a.width * a.height, kinds };
}
