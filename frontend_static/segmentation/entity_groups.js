/**
 * Which entities of two maps belong together where they were cut differently. The twin of segmentation/disagreement.py,
 * whose rules it follows; fixtures/golden/disagreements.json holds both to them.
 */

/** @typedef {{ofA: Map<number, Map<number, number>>, ofB: Map<number, Map<number, number>>}} Shared pixels by pair, either way */
/** An entity: its number in the first map, or its number + SECOND in the second. @typedef {number} Node */

const SECOND = 65536;
/** An entity is a part of what holds more than this share of it. */
const PART = 0.5;
/** The IoU that the two sides of a group have at least. */
const COVERED = 0.5;
/** Of a whole with a partner: a part smaller than this share is a detail that one of them did not draw, not a split. */
const SMALLEST_PART = 0.05;
/** Of the smaller of two entities: what they share at least where one region is cut in two ways. */
const MEETING = 0.25;

/**
 * Groups of entities of which one side has several: splits, merges, and regions cut in two ways. No entity is in two of them.
 * @param {ArrayLike<number>} areasA @param {ArrayLike<number>} areasB by number @param {Shared} shared
 * @param {Map<number, number>} partner number in the first map → its match in the second
 * @returns {{a: number[], b: number[]}[]} numbers that share most with the other side first
 */
export function entityGroups(areasA, areasB, shared, partner) {
  /** @type {Map<Node, Node>} */
  const partners = new Map([...partner].flatMap(([a, b]) => [[a, b + SECOND], [b + SECOND, a]]));
  const pairs = [...shared.ofA].flatMap(([a, row]) => (a === 0 ? [] : [...row].flatMap(([b, pixels]) => (b === 0 ? [] : [{ a, b: b + SECOND, pixels }]))));
  /** @param {Node} node */
  const areaOf = (node) => (node < SECOND ? areasA[node] : areasB[node - SECOND]);
  /** @param {Node} one of the first map @param {Node} other of the second */
  const sharedBy = (one, other) => shared.ofA.get(one)?.get(other - SECOND) ?? 0;

  /** @param {Iterable<Node>} nodes */
  function iouOf(nodes) {
    const [a, b] = sidesOf(nodes);
    const both = sum(a, (one) => sum(b, (other) => sharedBy(one, other)));
    const union = sum(a, areaOf) + sum(b, areaOf) - both;
    return union > 0 ? both / union : 0;
  }

  /** Wholes with what lies mostly in them, where that makes most of them. */
  function splits() {
    /** @type {Map<Node, {part: Node, pixels: number}[]>} */
    const parts = new Map();
    for (const { a, b, pixels } of pairs) {
      for (const [part, whole] of [[a, b], [b, a]]) {
        if (pixels <= PART * areaOf(part)) continue;
        const known = parts.get(whole);
        if (known) known.push({ part, pixels });
        else parts.set(whole, [{ part, pixels }]);
      }
    }
    return [...parts].flatMap(([whole, found]) => {
      const mate = partners.get(whole);
      const kept = found.filter(({ part, pixels }) => mate === undefined || part === mate || pixels >= SMALLEST_PART * areaOf(whole));
      const nodes = [whole, ...kept.map(({ part }) => part)];
      return kept.length > 1 && iouOf(nodes) >= COVERED ? [nodes] : [];
    });
  }

  /** Entities without a partner that meet, several on one side at least. @param {Set<Node>} grouped */
  function regroupings(grouped) {
    const isFree = (/** @type {Node} */ node) => !grouped.has(node) && !partners.has(node);
    const edges = pairs.filter(({ a, b, pixels }) => isFree(a) && isFree(b) && pixels >= MEETING * Math.min(areaOf(a), areaOf(b))).map(({ a, b }) => [a, b]);
    return joined(edges).filter((group) => group.length > 2 && iouOf(group) >= COVERED);
  }

  const first = joined(splits());
  const groups = [...first, ...regroupings(new Set(first.flat()))];
  return groups.map((group) => {
    const [a, b] = sidesOf(group);
    const mostFirst = (/** @type {Node[]} */ nodes, /** @type {(node: Node) => number} */ inCommon) => nodes.map((node) => ({ node, pixels: inCommon(node) })).sort((p, q) => q.pixels - p.pixels || p.node - q.node).map(({ node }) => node % SECOND);
    return { a: mostFirst(a, (one) => sum(b, (other) => sharedBy(one, other))), b: mostFirst(b, (other) => sum(a, (one) => sharedBy(one, other))) };
  });
}

/** @param {Iterable<Node>} nodes @returns {[Node[], Node[]]} */
function sidesOf(nodes) {
  const ordered = [...nodes].sort((p, q) => p - q);
  return [ordered.filter((node) => node < SECOND), ordered.filter((node) => node >= SECOND)];
}

/** Groups that share an entity made one. @param {Node[][]} groups @returns {Node[][]} */
function joined(groups) {
  /** @type {Map<Node, Node>} */
  const above = new Map();
  /** @param {Node} node */
  function topOf(node) {
    let top = node;
    for (let next = above.get(top); next !== undefined && next !== top; next = above.get(top)) top = next;
    for (let at = node; at !== top; ) {
      const next = above.get(at) ?? top;
      above.set(at, top);
      at = next;
    }
    return top;
  }
  for (const [first, ...others] of groups) {
    if (!above.has(first)) above.set(first, first);
    for (const node of others) above.set(topOf(node), topOf(first));
  }
  /** @type {Map<Node, Node[]>} */
  const whole = new Map();
  for (const node of above.keys()) {
    const group = whole.get(topOf(node));
    if (group) group.push(node);
    else whole.set(topOf(node), [node]);
  }
  return [...whole.values()];
}

/** @template T @param {T[]} values @param {(value: T) => number} value */
const sum = (values, value) => values.reduce((total, one) => total + value(one), 0);
