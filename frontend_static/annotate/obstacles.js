/** What stands between a change and the server, and the dialogs that clear it away. */
import { parseBundle } from "../segmentation/bundle.js";
import { TILE } from "../segmentation/tiles.js";
import { askConflict } from "./panels/conflict_dialog.js";
import { askLogin } from "./panels/login_dialog.js";

/** @typedef {import("./autosave.js").SaveState} SaveState */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {import("./autosave.js").Autosave} parts.autosave
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./lease.js").Lease} parts.lease
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {(sentence: string) => void} parts.say
 * @returns {(state: SaveState) => void} clears one obstacle away, when asked to
 */
export function handleObstacles({ api, annotation, autosave, drawing, lease, store, viewer, say }) {
  const { map, entities } = drawing;
  /** @type {{tiles: {t: number, version: number}[], entities: {number: number, version: number}[]} | null} */
  let conflict = null;
  let isAsking = false;

  /** @param {number} t */
  function showTile(t) {
    const left = (t % map.nx) * TILE;
    const top = Math.floor(t / map.nx) * TILE;
    viewer.fit([left, top, Math.min(map.width, left + TILE) - 1, Math.min(map.height, top + TILE) - 1], 1.3);
  }

  async function resolveConflict() {
    if (!conflict) return;
    const { tiles, entities: rows } = conflict;
    const choice = await askConflict(conflict, showTile);
    if (choice === "mine") await autosave.keepMine(tiles, rows);
    else if (choice === "theirs") await takeTheirs(tiles, rows);
    if (choice) conflict = null;
  }

  /** @param {{t: number, version: number}[]} tiles @param {{number: number, version: number}[]} rows */
  async function takeTheirs(tiles, rows) {
    if (tiles.length > 0) {
      const asked = tiles.map(({ t }) => t).join(",");
      const response = await api.request(`annotations/${annotation}/tiles?t=${asked}`);
      const bundle = parseBundle(await response.arrayBuffer(), { partial: true });
      bundle.tiles.forEach((state, i) => map.install(Number(bundle.indices?.[i]), state));
    }
    const masks = await api.get(`annotations/${annotation}/masks`);
    const theirs = new Set(rows.map(({ number }) => number));
    entities.refresh(masks.results.filter((/** @type {any} */ row) => theirs.has(row.number) || !entities.has(row.number)));
    drawing.history.clear();
    viewer.requestDraw();
    const revived = map.numbers().filter((number) => entities.get(number).deleted);
    for (const number of revived) entities.update(number, { deleted: false });
    await autosave.takeTheirs(tiles, rows, new Set(revived));
  }

  async function logIn() {
    if (await askLogin(api, document.body.dataset.user ?? "")) await autosave.resume();
  }

  /** One dialog at a time. @param {() => Promise<void>} ask */
  async function once(ask) {
    if (isAsking) return;
    isAsking = true;
    try {
      await ask();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    } finally {
      isAsking = false;
    }
  }

  autosave.onConflict((found) => {
    conflict = found;
    void once(resolveConflict);
  });
  autosave.onStatus(({ state, sentence }) => {
    if (state === "logged_out") void once(logIn);
    else if (state === "lease_lost") lease.lose(sentence);
    else if (state === "frozen") store.set({ readOnly: sentence, canTakeOver: false });
    else if (state === "refused") say(sentence);
  });
  lease.onLost((sentence) => store.set({ readOnly: sentence, canTakeOver: true }));

  return (state) => {
    if (state === "conflict") void once(resolveConflict);
    else if (state === "logged_out") void once(logIn);
    else if (state === "offline") autosave.retryNow();
    else if (state === "refused") void autosave.resume();
    else if (state === "differs") location.reload();
  };
}
