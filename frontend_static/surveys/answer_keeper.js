/** Answers on their way to the server: kept on this device until they have arrived, sent again when the network is back. */
import { ApiError } from "../shared/api.js";

/** @typedef {{score?: number | null, choice?: string, comment: string, spent_ms: number}} Answer */
/** @typedef {{waiting: number, isSending: boolean, isOffline: boolean, refusal: string}} Keeping */

const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [1000, 20_000];

/**
 * @param {{name: string, send: (place: number, answer: Answer) => Promise<unknown>, changed: (state: Keeping) => void,
 *   storage?: Pick<Storage, "getItem" | "setItem" | "removeItem">}} options name: under which they are kept
 */
export function createKeeper({ name, send, changed, storage = localStorage }) {
  /** @type {Map<number, Answer>} */
  const waiting = new Map(read(storage, name));
  let isSending = false;
  let isOffline = false;
  let refusal = "";
  let pause = FIRST_PAUSE_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  const tell = () => changed({ waiting: waiting.size, isSending, isOffline, refusal });

  function keep() {
    try {
      if (waiting.size) storage.setItem(name, JSON.stringify([...waiting]));
      else storage.removeItem(name);
    } catch {
      // A full or forbidden storage: the answer is still sent, and lost only if the page goes before.
    }
  }

  async function sendAll() {
    if (isSending) return;
    clearTimeout(timer);
    isSending = true;
    tell();
    while (waiting.size) {
      const [[place, answer]] = waiting;
      try {
        await send(place, answer);
      } catch (problem) {
        if (isPassing(problem)) break;
        refusal = problem instanceof Error ? problem.message : String(problem);
      }
      isOffline = false;
      pause = FIRST_PAUSE_MS;
      // What was said meanwhile goes in the next round.
      if (waiting.get(place) === answer) waiting.delete(place);
      keep();
    }
    isSending = false;
    isOffline = waiting.size > 0;
    if (isOffline) later();
    tell();
  }

  function later() {
    timer = setTimeout(sendAll, pause);
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  }

  return {
    /** The latest answer at a place takes the place of the one before. @param {number} place @param {Answer} answer */
    say(place, answer) {
      waiting.set(place, answer);
      refusal = "";
      keep();
      return sendAll();
    },
    /** Answers that have not arrived yet, by place. @returns {ReadonlyMap<number, Answer>} */
    pending: () => waiting,
    resume: sendAll,
  };
}

/** Whether trying again may help: no network, a busy or broken server. @param {unknown} problem */
const isPassing = (problem) => problem instanceof ApiError && (problem.status === 0 || problem.status === 429 || problem.status >= 500);

/** @param {Pick<Storage, "getItem">} storage @param {string} name @returns {[number, Answer][]} */
function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name) ?? "[]");
  } catch {
    return [];
  }
}
