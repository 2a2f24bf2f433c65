/** Colours on screen: the palette texture, and colours for entities that have none. */
import { contactsOf, segmentsOf } from "../segmentation/regions.js";
import { chooseColours } from "./colouring.js";
import { rgbOf } from "./palette.js";

/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {import("./entities.js").Entities} Entities */

/** The server numbers colours through; rows at their first revision have never been coloured by what they touch. */
const FIRST_REVISION = 1;
/** A ring around the first point of a stroke: whoever is met there will be a neighbour. */
const RING_POINTS = 24;

/**
 * Choose colours for numbers of a map, off the main thread.
 * @param {LabelMap} map @param {number[]} numbers @param {Map<number, number>} kept  those that have one @returns {Promise<Map<number, number>>}
 */
export function chooseElsewhere({ width, height, nx, count, tiles }, numbers, kept) {
  const worker = new Worker(new URL("./map.worker.js", import.meta.url), { type: "module" });
  return new Promise((/** @type {(chosen: Map<number, number>) => void} */ resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => reject(new Error("Colours could not be chosen."));
    worker.postMessage({ map: { width, height, nx, count, tiles }, numbers, kept });
  }).finally(() => worker.terminate());
}

/** @param {LabelMap} map @param {Entities} entities */
export function createColours(map, entities) {
  const rgba = new Uint8Array(65536 * 4).fill(255);

  /** Bring one number's place in the palette up to date. @param {number} number @returns {boolean} whether it changed */
  function paint(number) {
    const [red, green, blue] = rgbOf(entities.get(number).colour);
    const i = 4 * number;
    if (rgba[i] === red && rgba[i + 1] === green && rgba[i + 2] === blue) return false;
    rgba.set([red, green, blue], i);
    return true;
  }

  /** @param {Iterable<number>} neighbours @param {number} number */
  function colourAgainst(neighbours, number) {
    const around = new Map([...neighbours].filter((n) => n > 0 && n !== number).map((n) => [n, 1]));
    const others = new Set([...map.numbers(), ...around.keys()]);
    others.delete(number);
    const chosen = new Map([...others].map((n) => [n, Math.max(0, entities.get(n).colour)]));
    return chooseColours([number], new Map([[number, around]]), chosen).get(number) ?? 0;
  }

  return {
    rgba,
    paint,
    paintAll: () => entities.all().forEach(({ number }) => paint(number)),
    /**
     * Colour all entities that nobody has coloured yet; until that is done they have the server's colours.
     * @returns {Promise<number[]>} their numbers
     */
    async chooseMissing() {
      const present = new Set(map.numbers());
      const rows = entities.all().filter(({ number }) => present.has(number));
      const isMissing = (/** @type {import("./entities.js").Entity} */ { version, colour }) => version <= FIRST_REVISION || colour < 0;
      const missing = rows.filter(isMissing).map(({ number }) => number);
      if (missing.length === 0) return [];
      const kept = new Map(rows.filter((row) => !isMissing(row)).map(({ number, colour }) => [number, colour]));
      const chosen = await chooseElsewhere(map, missing, kept);
      entities.apply([...chosen].map(([number, colour]) => ({ number, before: {}, after: { colour } })), "after");
      return missing;
    },
    /** Other colours for all entities, by what they touch now. @returns {Promise<import("./entities.js").EntityChange[]>} */
    async chooseAgain() {
      const chosen = await chooseElsewhere(map, map.numbers(), new Map());
      return [...chosen].map(([number, colour]) => ({ number, before: { colour: entities.get(number).colour }, after: { colour } }));
    },
    /** A colour for an entity that already has pixels. @param {number} number */
    forEntity: (number) => colourAgainst(contactsOf(map, segmentsOf(map, number), number).keys(), number),
    /** A colour for an entity about to be painted. @param {number} number @param {import("../segmentation/raster.js").Point} start @param {number} radius */
    forStroke(number, [x, y], radius) {
      const met = Array.from({ length: RING_POINTS }, (_, i) => {
        const angle = (2 * Math.PI * i) / RING_POINTS;
        const reach = radius * (1.2 + (i % 3));
        return map.get(Math.round(x + reach * Math.cos(angle)), Math.round(y + reach * Math.sin(angle)));
      });
      return colourAgainst(new Set([map.get(Math.round(x), Math.round(y)), ...met]), number);
    },
  };
}
