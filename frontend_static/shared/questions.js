/** Questions to the model: a small job that somebody waits for, asked again and again whether it is answered. */
import { ApiError } from "./api.js";
import { t } from "./translate.js";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;
const SLOWER = 1.35;

/** @typedef {import("./api.js").Api} Api */

/**
 * The answer to a question, however long it takes; aborting calls the question off.
 * @template [A=Record<string, any>]
 * @param {Api} api @param {number} id  from an address that answered 202
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<A>} rejects with an Error whose message is the server's sentence, or with the signal's reason
 */
export async function waitForAnswer(api, id, { signal } = {}) {
  const callOff = () => void api.remove(`questions/${id}`).catch(() => {});
  signal?.addEventListener("abort", callOff, { once: true });
  try {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * SLOWER)) {
      await delay(pause, signal);
      const question = await stateOf(api, id, signal);
      if (question?.state === "answered") return question.answer;
      if (question?.state === "failed") throw new Error(question.error || t("The model could not answer."));
    }
  } finally {
    signal?.removeEventListener("abort", callOff);
  }
}

/** null while the server or the network is away for a moment. @param {Api} api @param {number} id @param {AbortSignal} [signal] */
async function stateOf(api, id, signal) {
  try {
    return await api.get(`questions/${id}`, { signal });
  } catch (error) {
    if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) return null;
    throw error;
  }
}

/** @param {number} ms @param {AbortSignal} [signal] @returns {Promise<void>} */
function delay(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
