/** The right to write: one tab per browser (Web Locks), one browser per assignment (a lease on the server). */
import { ApiError } from "../shared/api.js";
import { t } from "../shared/translate.js";
import { createSignal } from "./store.js";

const HEARTBEAT_MS = 20_000;
/** A page that is loaded again has its lock back within this time. */
const RELOAD_MS = 3000;

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
  /** Nobody else has it any more. @type {ReturnType<typeof createSignal<string>>} */
  const freed = createSignal();

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
      held.catch(() => {
        lose(t("This image is now edited in another tab."));
        void waitForTab();
      });
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
    if (token === null) return;
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

  /** Back from sleep, or from another window: is it still ours? */
  function beatWhenSeen() {
    if (document.visibilityState === "visible") void beat();
  }
  document.addEventListener("visibilitychange", beatWhenSeen);

  /** Wait in the queue behind the tab that has the lock; one that is only loaded again has it back soon. */
  async function waitForTab() {
    if (!navigator.locks) return;
    let isHeld = true;
    while (isHeld) {
      await navigator.locks.request(lockName, () => {});
      await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
      const { held = [] } = await navigator.locks.query();
      isHeld = held.some(({ name }) => name === lockName);
    }
    freed.emit(t("The other tab is closed: you can edit here now."));
  }

  /** Ask now and then whether the other person's lease has ended. */
  async function lookForEnd() {
    try {
      const { lease_holder: holder, lease_expires_at: expires } = await api.get(`assignments/${assignment}`);
      if (holder && new Date(expires) > new Date()) return;
    } catch {
      return;
    }
    clearInterval(timer);
    freed.emit(t("Nobody is working on this image any more: you can edit here now."));
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
    /** Only looking on: tell (`onFreed`) when the other tab is closed, or when the other person has left. @param {boolean} isOtherPerson */
    watch(isOtherPerson) {
      if (isOtherPerson) timer = setInterval(lookForEnd, HEARTBEAT_MS);
      else void waitForTab();
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
    onFreed: freed.on,
  };
}
