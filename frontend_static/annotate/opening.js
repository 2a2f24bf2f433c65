/**
 * What opening an annotation needs from the server, asked for before the editor's other modules have come: the page
 * runs this module by itself, and main.js takes the answers.
 */
import { createApi } from "../shared/api.js";

/** @typedef {import("../shared/api.js").Api} Api */
/** The label map and the mask rows of one revision. @typedef {{revision: number, bundle: ArrayBuffer, masks: Record<string, any>[]}} State */

/** A save may come between two requests; after so many tries something else is wrong. */
const TRIES = 5;

/** @param {Api} api @param {number} annotation @returns {Promise<State | null>} null if a save came in between */
async function askState(api, annotation) {
  const [[bundle, shown], masks] = await Promise.all([
    api.request(`annotations/${annotation}/bundle`).then(async (response) => /** @type {const} */ ([await response.arrayBuffer(), Number(response.headers.get("X-Revision"))])),
    api.get(`annotations/${annotation}/masks`),
  ]);
  return shown === masks.revision ? { revision: shown, bundle, masks: masks.results } : null;
}

/** Let a failure wait until somebody asks for the answer. @template T @param {Promise<T>} answer */
function patient(answer) {
  answer.catch(() => {});
  return answer;
}

/** Ask for everything at once. @param {Api} api @param {number} annotation @param {string} imageUrl */
function ask(api, annotation, imageUrl) {
  const state = patient(askState(api, annotation));
  return {
    detail: /** @type {Promise<Record<string, any>>} */ (patient(api.get(`annotations/${annotation}`))),
    /** The deep-zoom descriptor of the image, XML. */
    image: patient(api.request(imageUrl).then((response) => response.text())),
    /**
     * The state as the server has it now; what was asked for early is good if nothing was saved since.
     * @returns {Promise<State>}
     */
    async stateNow() {
      let [{ version }, found] = await Promise.all([api.get(`annotations/${annotation}`), state]);
      for (let i = 0; i < TRIES && found?.revision !== version; i++) {
        [{ version }, found] = await Promise.all([api.get(`annotations/${annotation}`), askState(api, annotation)]);
      }
      if (!found) throw new Error("The map cannot be loaded while it is being saved. Reload in a moment.");
      return found;
    },
  };
}

const root = document.querySelector("#editor");
if (!(root instanceof HTMLElement)) throw new Error("This page has no editor.");

/** The answers under way. */
export const opening = ask(createApi(), Number(root.dataset.annotation), String(root.dataset.image));
