/** What the model knows of the masks: which look alike, and what it would call them. Never in anyone's way. */
import { waitForAnswer } from "../shared/questions.js";
import { createSignal } from "./store.js";

/** @typedef {{term: number, share: number}} Guess */
/** @typedef {"unasked" | "asking" | "ready" | "away"} Readiness */
/** @typedef {ReturnType<typeof createSimilarity>} Similarity */

const SETTLE_MS = 1500;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {() => Promise<unknown>} parts.save  what the server does not have yet, so that the model sees the masks as they are
 */
export function createSimilarity({ api, annotation, save }) {
  /** @type {Readiness} */
  let readiness = "unasked";
  /** @type {Map<number, Guess[]>} */
  let guesses = new Map();
  let timer = 0;
  /** @type {AbortController | null} */
  let asking = null;
  const changed = createSignal();

  /** @param {Readiness} next */
  function become(next) {
    readiness = next;
    changed.emit(undefined);
  }

  async function prepare() {
    asking?.abort();
    const { signal } = (asking = new AbortController());
    become("asking");
    try {
      await save();
      const { question } = await api.post(`annotations/${annotation}/vectors`);
      if (question) await waitForAnswer(api, question, { signal });
      if (signal.aborted) return;
      become("ready");
      await readGuesses();
    } catch {
      if (!signal.aborted) become("away");
    }
  }

  async function readGuesses() {
    /** @type {{results: {number: number, terms: Guess[]}[]}} */
    const { results } = await api.get(`annotations/${annotation}/suggestions`);
    guesses = new Map(results.map(({ number, terms }) => [number, terms]));
    changed.emit(undefined);
  }

  return {
    readiness: () => readiness,
    onChange: changed.on,
    /** The naming step has begun: let the model look, unless it has seen the masks as they are. */
    begin: () => (readiness === "ready" || readiness === "asking" ? Promise.resolve() : prepare()),
    /** The masks have changed: what is known is still shown, and asked for anew when the step begins again. */
    outdate() {
      if (readiness === "asking") asking?.abort();
      readiness = "unasked";
    },
    /** Names have changed, and with them what the model would call the others. */
    refreshSoon() {
      if (readiness !== "ready") return;
      clearTimeout(timer);
      timer = setTimeout(() => void save().then(readGuesses).catch(() => {}), SETTLE_MS);
    },
    /** @param {number} number @returns {Guess[]} the likeliest first; empty where the model is not sure */
    guessesFor: (number) => guesses.get(number) ?? [],
    /** @param {number[]} numbers @returns {Promise<import("./propagation.js").Similar[]>} most alike first */
    async similarTo(numbers) {
      if (readiness !== "ready") return [];
      try {
        const query = numbers.slice(0, 100).map((number) => `number=${number}`).join("&");
        return (await api.get(`annotations/${annotation}/similar?${query}`)).results;
      } catch {
        return [];
      }
    },
    /** Leave the step: whoever waits for the model waits no longer. */
    end() {
      if (readiness !== "asking") return;
      asking?.abort();
      become("unasked");
    },
  };
}
