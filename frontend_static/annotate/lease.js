/** The right to write: one tab per browser (Web Locks), one browser per assignment (a lease on the server). */
import { ApiError } from "../shared/api.js";
import { t } from "../shared/translate.js";
import { createSignal } from "./store.js";

const HEARTBEAT_MS = 20_000;

/** @typedef {ReturnType<typeof createLease>} Lease */

/**
 * @param {{api: import("../shared/api.js").Api, annotation: number, assignment: number}} parts
 */
export function createLease({ api, annotation, assignment }) {
  const lockName = `tessera.annotation.${annotation}`;
  const storageKey = `tessera.lease.${annotation}`;
  /** @type {string | null} */
  let token = null;
  let timer = 0;
  /** @type {() => void} */
  let letGo = () => {};
  /** @type {ReturnType<typeof createSignal<string>>} */
  const lost = createSignal();

  /**
   * @param {boolean} steal take the lock from the tab that has it
   * @returns {Promise<boolean>} whether this tab now has it
   */
  function lockTab(steal) {
    // Over plain HTTP browsers offer no locks; the server's lease still holds.
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      const held = navigator.locks.request(lockName, steal ? { steal } : { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise((/** @type {(value?: unknown) => void} */ release) => (letGo = release)) : undefined;
      });
      // The promise fails only when another tab steals the lock.
      held.catch(() => lose(t("This image is now edited in another tab.")));
    });
  }

  /** @param {string} sentence */
  function lose(sentence) {
    if (token === null) return;
    token = null;
    clearInterval(timer);
    lost.emit(sentence);
  }

  async function beat() {
    try {
      await api.post(`assignments/${assignment}/heartbeat`, { lease: token });
    } catch (error) {
      if (error instanceof ApiError && error.status === 423) lose(error.message);
    }
  }

  /** @param {string} taken */
  function hold(taken) {
    token = taken;
    localStorage.setItem(storageKey, taken);
    clearInterval(timer);
    timer = setInterval(beat, HEARTBEAT_MS);
  }

  /** Go on with the lease this browser had before a reload. @returns {Promise<boolean>} */
  async function holdAgain() {
    const kept = localStorage.getItem(storageKey);
    if (!kept) return false;
    try {
      await api.post(`assignments/${assignment}/heartbeat`, { lease: kept });
      hold(kept);
      return true;
    } catch {
      return false;
    }
  }

  return {
    token: () => token,
    /**
     * @param {{steal?: boolean}} [options] steal: from another tab or person
     * @returns {Promise<{held: true} | {held: false, sentence: string}>}
     */
    async acquire({ steal = false } = {}) {
      if (!(await lockTab(steal))) return { held: false, sentence: t("This image is open in another tab.") };
      if (!steal && (await holdAgain())) return { held: true };
      try {
        const { lease } = await api.post(`assignments/${assignment}/claim`);
        hold(lease);
        return { held: true };
      } catch (error) {
        letGo();
        return { held: false, sentence: error instanceof Error ? error.message : String(error) };
      }
    },
    /** The server said so in answer to something else. @param {string} sentence */
    lose,
    stop() {
      clearInterval(timer);
      token = null;
      localStorage.removeItem(storageKey);
      letGo();
    },
    onLost: lost.on,
  };
}
