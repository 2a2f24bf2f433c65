/** The entities of one annotation: what is known of each number besides its pixels. */
import { createSignal } from "./store.js";

/**
 * @typedef {object} Entity
 * @property {number} number
 * @property {number | null} term
 * @property {string} name  the term's name, else the raw name; "" if unnamed
 * @property {string} rawName
 * @property {number} colour  index into the palette; -1 = not chosen yet
 * @property {boolean} deleted
 * @property {boolean} locked  on this screen only, never saved
 * @property {number | null} score
 * @property {string} provenance  human, model or edited
 * @property {Source | null} source  the prediction it was taken from
 * @property {number | null} changedShare  at the last submission: pixels changed since it was taken
 * @property {number} strokes  that changed its pixels, as far as saved when the image was opened, and since
 * @property {number} activeMs
 * @property {number} version  of its row on the server, 0 if it has none yet
 */
/** number 0: one of the model's candidates; annotation 0: of the model asked. @typedef {{annotation: number, number: number}} Source */
/** @typedef {Pick<Entity, "term" | "name" | "rawName" | "colour" | "deleted" | "provenance" | "score" | "source">} EntityFields what a command may change */
/** @typedef {{number: number, before: Partial<EntityFields>, after: Partial<EntityFields>}} EntityChange */
/** @typedef {ReturnType<typeof createEntities>} Entities */

/** @param {number} number @returns {Entity} */
const unknown = (number) => ({
  number, term: null, name: "", rawName: "", colour: -1, deleted: true, locked: false, score: null, provenance: "human",
  source: null, changedShare: null, strokes: 0, activeMs: 0, version: 0,
});

/** @param {Record<string, any>} row of GET annotations/{id}/masks @returns {Entity} */
const fromRow = (row) => ({
  ...unknown(row.number),
  term: row.term ?? null,
  name: row.term_name || row.raw_name || "",
  rawName: row.raw_name ?? "",
  colour: row.colour ?? -1,
  deleted: row.deleted ?? false,
  score: row.score ?? null,
  provenance: row.provenance ?? "human",
  source: row.source ?? null,
  changedShare: row.changed_share ?? null,
  strokes: row.strokes ?? 0,
  activeMs: row.active_ms ?? 0,
  version: row.version ?? 0,
});

/** @param {Record<string, any>[]} rows */
export function createEntities(rows) {
  /** @type {Map<number, Entity>} */
  const byNumber = new Map(rows.map((row) => [row.number, fromRow(row)]));
  /** @type {ReturnType<typeof createSignal<number[]>>} */
  const changed = createSignal();

  /** @param {number} number @returns {Readonly<Entity>} */
  const get = (number) => byNumber.get(number) ?? unknown(number);

  /** @param {number} number @param {Partial<Entity>} fields */
  function patch(number, fields) {
    byNumber.set(number, { ...get(number), ...fields });
  }

  return {
    get,
    has: (/** @type {number} */ number) => byNumber.has(number),
    all: () => [...byNumber.values()],
    /** @param {EntityChange[]} changes @param {"before" | "after"} side */
    apply(changes, side) {
      for (const change of changes) patch(change.number, change[side]);
      if (changes.length > 0) changed.emit(changes.map(({ number }) => number));
    },
    /** @param {number} number @param {Partial<Entity>} fields that are not undoable */
    update(number, fields) {
      patch(number, fields);
      changed.emit([number]);
    },
    /** Versions the server has answered; nothing anyone sees changes. @param {Map<number, number>} versions */
    setVersions(versions) {
      for (const [number, version] of versions) patch(number, { version });
    },
    /** Take over rows of the server, keeping what is only ours. @param {Record<string, any>[]} rowsNow */
    refresh(rowsNow) {
      for (const row of rowsNow) byNumber.set(row.number, { ...fromRow(row), locked: get(row.number).locked });
      changed.emit(rowsNow.map((row) => row.number));
    },
    /** Put rows of an unsaved transaction in place. @param {import("../segmentation/transaction.js").EntityRow[]} unsaved @param {(term: number) => string} nameOf */
    recover(unsaved, nameOf) {
      for (const { number, term, raw_name: rawName, colour, deleted, source } of unsaved) {
        patch(number, { term, rawName, colour, deleted, name: (term !== null && nameOf(term)) || rawName });
        if (source) patch(number, { source: { annotation: source.annotation, number: source.number }, score: source.score, provenance: source.edited ? "edited" : "model" });
      }
    },
    /** Note what a change has cost; nothing anyone sees at once. @param {number} number @param {{strokes?: number, active_ms?: number}} effort */
    addEffort(number, { strokes = 0, active_ms: activeMs = 0 }) {
      if (strokes || activeMs) patch(number, { strokes: get(number).strokes + strokes, activeMs: get(number).activeMs + activeMs });
    },
    /** The row as a transaction carries it. @param {number} number @returns {import("../segmentation/transaction.js").EntityRow} */
    rowOf(number) {
      const { term, rawName, colour, deleted, version, source, score, provenance } = get(number);
      const row = { number, term, raw_name: rawName, colour: Math.max(0, colour), deleted, base: version };
      return source ? { ...row, source: { ...source, score: score ?? 0, edited: provenance === "edited" } } : row;
    },
    onChange: changed.on,
  };
}
