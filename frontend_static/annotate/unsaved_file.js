/** Unsaved changes as a file: the way out when the server refuses them, and the way back. Pure. */
import { t } from "../shared/translate.js";
import { faultOfRuns } from "../segmentation/tiles.js";

/** @typedef {import("./journal.js").Entry} Entry */
/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {{annotation: number, width: number, height: number}} Place  where the changes belong */

const FORMAT = "tessera-unsaved-1";

/** @param {Uint16Array} runs @returns {string} base64 of the bytes as they lie in memory (little-endian) */
function textOf(runs) {
  const bytes = new Uint8Array(runs.buffer, runs.byteOffset, runs.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** @param {string} text @returns {Uint16Array} */
const runsOf = (text) => new Uint16Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);

/** @param {Place} place @param {Entry[]} entries @returns {string} JSON */
export function unsavedText(place, entries) {
  return JSON.stringify({
    format: FORMAT,
    ...place,
    entries: entries.map((entry) => ({
      ...entry,
      tiles: entry.tiles.map(({ t: tile, base, state }) => ({ t: tile, base, uni: state.uni, runs: state.runs && textOf(state.runs) })),
    })),
  });
}

/**
 * The last state of every tile and row in such a file.
 * @param {string} text @param {Place} place  where they are to be put
 * @returns {{tiles: {t: number, state: import("../segmentation/tiles.js").TileState}[], entities: import("../segmentation/transaction.js").EntityRow[]}}
 */
export function readUnsaved(text, place) {
  const read = parsed(text);
  if (read?.format !== FORMAT) throw new Error(t("This file does not hold unsaved changes."));
  if (read.annotation !== place.annotation || read.width !== place.width || read.height !== place.height) {
    throw new Error(t("These changes belong to another image: open annotation {n} and restore them there.", { n: read.annotation }));
  }
  const tiles = new Map();
  const entities = new Map();
  for (const entry of /** @type {any[]} */ (read.entries)) {
    for (const { t: tile, uni, runs } of entry.tiles) tiles.set(tile, { uni, runs: runs === null ? null : runsOf(runs) });
    for (const row of entry.entities) entities.set(row.number, row);
  }
  return { tiles: [...tiles].map(([tile, state]) => ({ t: tile, state })), entities: [...entities.values()] };
}

/** @param {string} text @returns {any} null if it is no JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Put the changes of a file on the map as one command.
 * @param {import("./drawing.js").Drawing} drawing @param {ReturnType<typeof readUnsaved>} unsaved
 * @param {(term: number) => string} nameOf
 */
export function restoreUnsaved(drawing, { tiles, entities: rows }, nameOf) {
  const { map, entities } = drawing;
  for (const { t: tile, state } of tiles) {
    const fault = tile >= map.count || (state.runs && faultOfRuns(state.runs, { width: map.validWidth(tile), height: map.validHeight(tile) }));
    if (fault) throw new Error(t("This file is damaged."));
  }
  const changes = tiles.map(({ t: tile, state }) => ({ t: tile, before: map.tiles[tile], after: state }));
  map.apply(changes, "after");
  const fields = rows.map(({ number, term, raw_name: rawName, colour, deleted }) => {
    const { term: oldTerm, name, rawName: oldRaw, colour: oldColour, deleted: wasDeleted } = entities.get(number);
    return {
      number,
      before: { term: oldTerm, name, rawName: oldRaw, colour: oldColour, deleted: wasDeleted },
      after: { term, rawName, colour, deleted: deleted && map.area[number] === 0, name: (term !== null && nameOf(term)) || rawName },
    };
  });
  drawing.run({ tool: "restore", number: 0 }, changes, fields);
}
