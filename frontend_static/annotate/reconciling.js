/**
 * When the server holds something else than this page expects: what was changed there only is taken in at once, where
 * both sides changed the same a person decides, and saving goes on from the server's state. What is not chosen stays in
 * the revisions, or, if it was never saved, in one step of undo.
 */
import { parseBundle } from "../segmentation/bundle.js";
import { plural } from "../shared/translate.js";
import { compareRows, compareTiles, composed, existence, groupsOf } from "./conflict.js";
import { fitting } from "./fitting_history.js";

/** @typedef {import("./conflict.js").Side} Side */
/** @typedef {import("./conflict.js").Group} Group */
/** @typedef {import("./conflict.js").TileConflict} TileConflict */
/** @typedef {import("./conflict.js").RowConflict} RowConflict */
/** @typedef {{sideOf: (group: Group) => Side, rowSide: (number: number) => Side}} Decision */
/** @typedef {{tiles: TileConflict[], groups: Group[], rows: RowConflict[]}} Conflict */

/** Two requests show one state, unless somebody saves between them; then they are made again. */
const MOST_ATTEMPTS = 5;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {import("./autosave.js").Autosave} parts.autosave
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {Uint32Array} parts.tileVersions  those that unsaved tiles started from; autosave keeps them
 * @param {(conflict: Conflict) => Promise<Decision | null>} parts.decide  null: later
 * @param {() => void} parts.redraw
 * @param {(sentence: string) => void} parts.say
 */
export function createReconciliation({ api, annotation, autosave, drawing, tileVersions, decide, redraw, say }) {
  const { map, entities, history } = drawing;

  /** The server's whole state, of one revision. */
  async function fetchTheirs() {
    for (let attempt = 1; ; attempt++) {
      const response = await api.request(`annotations/${annotation}/bundle`);
      const bundle = parseBundle(await response.arrayBuffer());
      const masks = await api.get(`annotations/${annotation}/masks`);
      if (attempt === MOST_ATTEMPTS || response.headers.get("X-Revision") === String(masks.revision)) return { bundle, rows: masks.results };
    }
  }

  /** Compare and decide. @returns {Promise<boolean>} whether saving may go on; false if the decision is left for later */
  async function reconcile() {
    const { bundle, rows } = await fetchTheirs();
    const tiles = compareTiles(map.tiles, tileVersions, autosave.pendingTiles(), bundle);
    const fields = compareRows(entities.get, autosave.pendingRows(), rows.map(fieldsOf));
    const newerRows = new Set(fields.newer);
    for (const t of tiles.newer) {
      map.install(t, bundle.tiles[t]);
      tileVersions[t] = bundle.versions[t];
    }
    entities.refresh(rows.filter((/** @type {any} */ row) => newerRows.has(row.number)));
    redraw();
    const conflict = { tiles: tiles.conflicts, rows: fields.conflicts, groups: groupsOf(map, tiles.conflicts) };
    const isAsked = conflict.tiles.length + conflict.rows.length > 0;
    const decision = isAsked ? await decide(conflict) : { sideOf: always("mine"), rowSide: always("mine") };
    if (!decision) return false;
    const known = new Set(rows.map((/** @type {any} */ row) => row.number));
    const forgotten = entities.all().filter(({ number, version }) => version > 0 && !known.has(number)).map(({ number }) => number);
    apply({ bundle, rows, same: tiles.same, conflict, decision });
    entities.setVersions(new Map(forgotten.map((number) => [number, 0])));
    saveAgain(tiles.lost, [...fields.lost, ...forgotten]);
    await autosave.rewriteJournal();
    if (!isAsked && tiles.newer.length > 0) {
      say(plural(tiles.newer.length, "{n} tile was changed elsewhere and is shown now.", "{n} tiles were changed elsewhere and are shown now."));
    }
    return true;
  }

  /**
   * @param {object} found
   * @param {import("../segmentation/bundle.js").Bundle} found.bundle @param {Record<string, any>[]} found.rows
   * @param {number[]} found.same @param {Conflict} found.conflict @param {Decision} found.decision
   */
  function apply({ bundle, rows, same, conflict, decision }) {
    const result = composed(map, conflict.tiles, conflict.groups, decision.sideOf);
    const isAllMine = conflict.tiles.every(({ t, mine }) => result.get(t) === mine);
    const theirRows = new Set(conflict.rows.map(({ number }) => number).filter((number) => decision.rowSide(number) === "theirs"));
    autosave.startFrom({
      tileVersions: bundle.versions,
      rowVersions: new Map(rows.map((row) => [row.number, row.version])),
      dropTiles: isAllMine ? same : [...same, ...conflict.tiles.map(({ t }) => t)],
      dropRows: theirRows,
    });
    if (!isAllMine) for (const { t, theirs } of conflict.tiles) map.install(t, theirs);
    entities.refresh(rows.filter(({ number }) => theirRows.has(number)));
    // Undo goes back as far as nothing of theirs would be overwritten by it.
    history.replace(fitting(history.commands(), map.tiles, entities.get));
    const changes = isAllMine ? [] : conflict.tiles.map(({ t, theirs }) => ({ t, before: theirs, after: result.get(t) ?? theirs })).filter(({ before, after }) => before !== after);
    map.apply(changes, "after");
    // An entity begun here may have lost its only pixels to theirs; what they emptied themselves is as they left it.
    const known = new Set(rows.map(({ number }) => number));
    const begunHere = [...autosave.pendingRows()].filter((number) => !known.has(number));
    drawing.run({ tool: "resolve", number: 0 }, changes, existence(map, entities.get, begunHere));
    redraw();
  }

  /** What the server had acknowledged and has no more, it gets once more. @param {number[]} tiles @param {number[]} numbers */
  function saveAgain(tiles, numbers) {
    if (tiles.length + numbers.length === 0) return;
    autosave.record({ tiles: tiles.map((t) => ({ t, state: map.tiles[t] })), entities: numbers, operation: { tool: "save_again", number: 0, ms: 0 } });
  }

  return reconcile;
}

/** @param {Side} side @returns {() => Side} */
export const always = (side) => () => side;

/** @param {Record<string, any>} row of GET annotations/{id}/masks */
const fieldsOf = (row) => ({
  number: row.number,
  version: row.version,
  term: row.term ?? null,
  name: row.term_name || row.raw_name || "",
  rawName: row.raw_name ?? "",
  deleted: row.deleted ?? false,
});
