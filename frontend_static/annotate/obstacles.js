/** What stands between a change and the server, and the dialogs that clear it away. */
import { t } from "../shared/translate.js";
import { askConflict } from "./panels/conflict_dialog.js";
import { askLogin } from "./panels/login_dialog.js";
import { askRefused, download, sayDiskRefuses } from "./panels/refused_dialog.js";
import { createReconciliation } from "./reconciling.js";
import { unsavedText } from "./unsaved_file.js";

/** @typedef {import("./autosave.js").SaveState} SaveState */

/** Room around a place that is shown. */
const ROOM = 1.8;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {import("./autosave.js").Autosave} parts.autosave
 * @param {Uint32Array} parts.tileVersions
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./lease.js").Lease} parts.lease
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {HTMLElement} parts.stage
 * @param {(sentence: string) => void} parts.say
 * @returns {(state: SaveState) => void} clears one obstacle away, when asked to
 */
export function handleObstacles({ api, annotation, autosave, tileVersions, drawing, lease, store, viewer, stage, say }) {
  const { map, entities } = drawing;
  let isAsking = false;
  let hasSaidDisk = false;

  /** @param {number} number */
  const nameOf = (number) => (number === 0 ? t("unlabelled") : `#${number} ${entities.get(number).name || t("unnamed")}`);
  const canvas = { map, viewer, stage, nameOf, show: (/** @type {import("../segmentation/label_map.js").Box} */ box) => viewer.fit(box, ROOM) };
  const reconcile = createReconciliation({
    api, annotation, autosave, drawing, tileVersions, say,
    decide: (conflict) => askConflict(conflict, canvas),
    redraw: viewer.requestDraw,
  });

  const logIn = () => askLogin(api, document.body.dataset.user ?? "");

  function downloadUnsaved() {
    download(`unsaved-${annotation}.json`, unsavedText({ annotation, width: map.width, height: map.height }, autosave.unsaved()));
  }

  /** @returns {Promise<boolean>} */
  async function settleRefused() {
    for (;;) {
      const choice = await askRefused(autosave.status().sentence);
      if (choice === "aside") {
        downloadUnsaved();
        await autosave.setAside();
        location.reload();
      }
      if (choice !== "download") return choice === "retry";
      downloadUnsaved();
    }
  }

  /** One obstacle at a time; the next may come of going on. @param {() => Promise<boolean>} clear whether to go on saving */
  async function once(clear) {
    if (isAsking) return;
    isAsking = true;
    let isCleared = false;
    try {
      isCleared = await clear();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    } finally {
      isAsking = false;
    }
    if (isCleared) await autosave.resume();
  }

  async function warnOfDisk() {
    hasSaidDisk = true;
    await sayDiskRefuses(autosave.isLasting);
    return false;
  }

  /** @param {import("./autosave.js").SaveStatus} status */
  function meet({ state, sentence, isAtRisk }) {
    if (isAtRisk && !hasSaidDisk && !store.state.readOnly) void once(warnOfDisk);
    if (state === "logged_out") void once(logIn);
    else if (state === "lease_lost") lease.lose(sentence);
    else if (state === "frozen") store.set({ readOnly: sentence, canTakeOver: false });
    else if (state === "refused") void once(settleRefused);
  }

  autosave.onDisagreement(() => void once(reconcile));
  autosave.onStatus(meet);
  lease.onLost((sentence) => store.set({ readOnly: sentence, canTakeOver: true }));
  meet(autosave.status());

  return (state) => {
    if (state === "conflict" || state === "differs") void once(reconcile);
    else if (state === "logged_out") void once(logIn);
    else if (state === "offline") autosave.retryNow();
    else if (state === "refused") void once(settleRefused);
  };
}
