/** What several suites need: a repeatable die, and label maps as dense arrays to compare against. */

import { createLabelMap } from "../../frontend_static/segmentation/label_map.js";
import { span } from "../../frontend_static/segmentation/raster.js";

/** @param {number} seed */
export function dice(seed) {
  let state = seed >>> 0;
  return () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
}

export function denseOf(map) {
  const out = new Uint16Array(map.width * map.height);
  for (let y = 0; y < map.height; y++) for (let x = 0; x < map.width; x++) out[y * map.width + x] = map.get(x, y);
  return out;
}

/** Pixels connected to a pixel through equal neighbours, found the slow way. */
export function connectedTo(dense, width, height, start, seen = new Uint8Array(dense.length)) {
  const number = dense[start];
  const stack = [start];
  const region = [];
  seen[start] = 1;
  while (stack.length > 0) {
    const place = stack.pop();
    region.push(place);
    const x = place % width;
    for (const next of [x > 0 ? place - 1 : -1, x < width - 1 ? place + 1 : -1, place - width, place + width]) {
      if (next < 0 || next >= width * height || seen[next] || dense[next] !== number) continue;
      seen[next] = 1;
      stack.push(next);
    }
  }
  return region;
}

/** An edit that is committed at once. */
export function edited(map, work) {
  map.begin();
  work(map);
  return map.commit();
}

/** A map of golden pixels: [number, length] along the rows. */
export function paintedRuns({ width, height, pixels }) {
  const map = createLabelMap(width, height);
  edited(map, () => {
    let position = 0;
    for (const [number, length] of pixels) {
      for (const end = position + length; position < end; ) {
        const y = Math.floor(position / width);
        const stop = Math.min(end, (y + 1) * width);
        if (number) span(map, y, position - y * width, stop - 1 - y * width, number);
        position = stop;
      }
    }
  });
  return map;
}
