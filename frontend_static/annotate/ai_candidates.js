/** What the model sees: in the whole image, stored with its prediction, and in a crop, asked of the worker. */
import { ApiError } from "../shared/api.js";
import { waitForAnswer } from "../shared/questions.js";

/** @typedef {import("./ai_choice.js").Answer} Answer */
/** @typedef {import("./ai_choice.js").Box} Box */
/** @typedef {import("./ai_choice.js").Prompt} Prompt */
/** @typedef {ReturnType<typeof createCandidates>} Candidates */

/** Answers about crops that are kept at hand. */
const KEPT = 12;
/** So much more than the thing itself is looked at. */
const ROOM = 1.6;
const SMALLEST_CROP = 224;
/** A crop of more than this share of both sides would show the model nothing that it has not seen. */
const MOST_OF_IMAGE = 0.85;

/** @param {{api: import("../shared/api.js").Api, annotation: number}} parts */
export function createCandidates({ api, annotation }) {
  /** @type {Promise<{answer: Answer | null, prediction: number}> | null} */
  let stored = null;
  /** @type {Answer[]} the newest first */
  let asked = [];
  let isWarm = false;

  async function load() {
    const { predictions, chosen } = await api.get(`annotations/${annotation}/proposals`);
    const prediction = predictions.find((/** @type {{id: number}} */ { id }) => id === chosen);
    if (!prediction?.has_alternatives) return { answer: null, prediction: chosen ?? 0 };
    return { answer: /** @type {Answer} */ (await api.get(`annotations/${chosen}/alternatives`)), prediction: chosen };
  }

  return {
    /** The stored prediction's candidates; answer is null where it has none. */
    stored() {
      stored ??= load().catch((error) => {
        stored = null;
        if (!(error instanceof ApiError)) throw error;
        return { answer: null, prediction: 0 };
      });
      return stored;
    },
    /** An answer at hand about a crop that holds a prompt with some room. @param {Prompt} prompt @returns {Answer | null} */
    atHand: (prompt) => asked.find(({ view }) => holds(view, prompt)) ?? null,
    /** Look at what is in view before anybody asks: the worker has its model loaded then. Once a visit. @param {[number, number, number, number]} box */
    warm(box) {
      if (isWarm) return;
      isWarm = true;
      void this.stored().catch(() => {});
      this.ask(box, new AbortController().signal).catch(() => {});
    },
    /** Ask the worker about a crop. @param {[number, number, number, number]} box x, y, width, height @param {AbortSignal} signal @returns {Promise<Answer>} */
    async ask(box, signal) {
      const { question } = await api.post(`annotations/${annotation}/candidates`, { box });
      /** @type {Answer} */
      const answer = await waitForAnswer(api, question, { signal });
      asked = [answer, ...asked].slice(0, KEPT);
      return answer;
    },
  };
}

/** Whether a view shows all of a prompt, away from the view's edges. @param {number[]} view @param {Prompt} prompt */
function holds([x, y, w, h], { points, box }) {
  const [mx, my] = [w / 10, h / 10];
  const corners = [...points.map(({ at }) => at), ...(box ? [[box[0], box[1]], [box[2], box[3]]] : [])];
  return corners.every(([px, py]) => px >= x + mx && py >= y + my && px <= x + w - mx && py <= y + h - my);
}

/**
 * Where the worker should look for what is meant.
 * @param {Prompt} prompt @param {Box | null} guess  the box of what is offered so far
 * @param {{width: number, height: number}} image @param {number} inView  image px along the shorter side of the window
 * @returns {[number, number, number, number] | null} x, y, width, height; null if it would be about the whole image
 */
export function cropFor({ points, box }, guess, image, inView) {
  const all = [...points.map(({ at }) => at), ...[box, guess].flatMap((other) => (other ? [[other[0], other[1]], [other[2], other[3]]] : []))];
  const [x0, x1] = [Math.min(...all.map(([x]) => x)), Math.max(...all.map(([x]) => x))];
  const [y0, y1] = [Math.min(...all.map(([, y]) => y)), Math.max(...all.map(([, y]) => y))];
  const least = guess || box ? SMALLEST_CROP : Math.max(SMALLEST_CROP, inView / 2);
  const side = Math.max(least, ROOM * Math.max(x1 - x0, y1 - y0));
  const [width, height] = [Math.min(image.width, Math.round(side)), Math.min(image.height, Math.round(side))];
  if (width > MOST_OF_IMAGE * image.width && height > MOST_OF_IMAGE * image.height) return null;
  const left = Math.max(0, Math.min(image.width - width, Math.round((x0 + x1 - width) / 2)));
  const top = Math.max(0, Math.min(image.height - height, Math.round((y0 + y1 - height) / 2)));
  return [left, top, width, height];
}
