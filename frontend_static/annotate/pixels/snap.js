/** Letting borders snap to the picture: a band around them is given out anew, from both sides, along the weakest gradients first. */
import { nearest } from "../../segmentation/nearest.js";

/**
 * A watershed from markers: the labels outside the band keep their pixels and flood into it.
 * @param {Uint16Array} labels [height × width], changed in place
 * @param {Uint8Array} cost [height × width] 1 on strong edges to 255 where it is flat, as `edgeCost` gives it
 * @param {number} width @param {number} height
 * @param {{number: number, radius: number, movable: Uint8Array}} options number: whose borders; radius: how far they may
 *   move; movable: 65536 entries, which labels may gain and lose
 */
export function snapBorders(labels, cost, width, height, { number, radius, movable }) {
  const band = bandAround(labels, width, height, number, radius, movable);
  /** @type {number[][]} places of the band wait by the strength of the edge they lie on */
  const buckets = Array.from({ length: 256 }, () => []);
  /** @param {number} place @param {number} level */
  const offer = (place, level) => {
    for (const next of neighbours(place, width, labels.length)) {
      if (!band[next]) continue;
      band[next] = 0;
      labels[next] = labels[place];
      buckets[Math.max(level, 255 - cost[next])].push(next);
    }
  };
  const markers = band.slice();
  for (let place = 0; place < labels.length; place++) if (!markers[place] && movable[labels[place]]) offer(place, 0);
  for (let level = 0; level < buckets.length; level++) for (const place of buckets[level]) offer(place, level);
}

/** @param {number} place @param {number} width @param {number} count @returns {number[]} */
function neighbours(place, width, count) {
  const x = place % width;
  return [x > 0 ? place - 1 : -1, x < width - 1 ? place + 1 : -1, place - width, place + width].filter((next) => next >= 0 && next < count);
}

/**
 * The pixels at most a radius from the entity's border with another movable label. What is too thin to reach beyond the
 * band keeps its middle line as a marker, so that no part of it is lost.
 * @param {Uint16Array} labels @param {number} width @param {number} height @param {number} number @param {number} radius @param {Uint8Array} movable
 * @returns {Uint8Array}
 */
function bandAround(labels, width, height, number, radius, movable) {
  const border = new Uint8Array(labels.length);
  for (let place = 0; place < labels.length; place++) {
    const label = labels[place];
    if (!movable[label]) continue;
    const meets = neighbours(place, width, labels.length).some((next) => labels[next] !== label && movable[labels[next]] && (label === number || labels[next] === number));
    if (meets) border[place] = 1;
  }
  const { squared } = nearest(border, width, height);
  const band = new Uint8Array(labels.length);
  for (let place = 0; place < labels.length; place++) {
    if (squared[place] > radius * radius || !movable[labels[place]]) continue;
    const isMiddle = neighbours(place, width, labels.length).every((next) => labels[next] !== labels[place] || squared[next] <= squared[place]);
    if (!isMiddle) band[place] = 1;
  }
  return band;
}
