/** Asking the pixel worker: it is sent what changed since the last question, and answers one question at a time. */
import { piecesOf } from "./window_in_view.js";

/** @typedef {import("../../segmentation/label_map.js").TileChange} TileChange */
/** @typedef {import("../../segmentation/grid.js").Grid} Grid */
/** @typedef {{bitmap: ImageBitmap, grid: Grid, gained: number, lost: number}} Preview */
/**
 * An edit the worker has worked out and nobody has applied yet.
 * @typedef {object} Trial
 * @property {TileChange[]} changes
 * @property {Preview | null} preview
 * @property {() => boolean} isCurrent  nothing else has changed the map meanwhile
 */
/** @typedef {{lane: string, job: string, payload: any, needsPicture: boolean, resolve: (answer: any) => void, reject: (error: Error) => void}} Question */
/** @typedef {ReturnType<typeof createPixelWorker>} PixelWorker */

/**
 * @param {import("../../segmentation/label_map.js").LabelMap} map
 * @param {() => import("../panels/thumbnails.js").TileSource} source
 */
export function createPixelWorker(map, source) {
  /** @type {Worker | null} */
  let worker = null;
  /** @type {(import("../../segmentation/tiles.js").TileState | null)[]} what the worker has of each tile */
  const sent = new Array(map.count).fill(null);
  /** @type {Question[]} */
  let waiting = [];
  /** @type {{question: Question, tiles: import("../../segmentation/tiles.js").TileState[]} | null} */
  let asked = null;
  let count = 0;

  function start() {
    const made = new Worker(new URL("./pixels.worker.js", import.meta.url), { type: "module" });
    made.addEventListener("message", ({ data }) => onAnswer(data));
    made.addEventListener("error", () => onAnswer({ error: "The tools that look at the picture could not be started." }));
    return made;
  }

  function next() {
    if (asked || waiting.length === 0) return;
    const [question] = waiting.splice(0, 1);
    asked = { question, tiles: [...map.tiles] };
    worker ??= start();
    worker.postMessage({
      id: ++count,
      job: question.job,
      image: { width: map.width, height: map.height },
      tiles: unsent(),
      pieces: question.needsPicture ? piecesOf(source(), question.payload.grid) : null,
      payload: question.payload,
    });
  }

  function unsent() {
    const tiles = [];
    for (let t = 0; t < map.count; t++) {
      const state = map.tiles[t];
      if (sent[t] === state) continue;
      // The worker begins with an empty map.
      if (sent[t] !== null || state.uni !== 0) tiles.push({ t, uni: state.uni, runs: state.runs });
      sent[t] = state;
    }
    return tiles;
  }

  /** @param {{result?: any, error?: string}} answer */
  function onAnswer({ result, error }) {
    if (!asked) return;
    const { question, tiles } = asked;
    asked = null;
    if (error !== undefined) question.reject(new Error(error));
    else question.resolve(result?.changes ? trialOf(result, tiles) : result);
    next();
  }

  /** @param {any} result @param {import("../../segmentation/tiles.js").TileState[]} tiles the map when it was asked */
  const trialOf = (result, tiles) => ({
    preview: null,
    ...result,
    changes: /** @type {TileChange[]} */ (result.changes).map(({ t, after }) => ({ t, before: tiles[t], after })),
    isCurrent: () => !map.isEditing() && tiles.every((state, t) => state === map.tiles[t]),
  });

  return {
    /**
     * @param {string} job @param {any} payload @param {{lane?: string, needsPicture?: boolean}} [options] of the questions of one lane only
     *   the last waits; needsPicture: the crop of payload.grid
     * @returns {Promise<any>} null if a later question of the lane took its place
     */
    ask(job, payload, { lane = "", needsPicture = false } = {}) {
      return new Promise((resolve, reject) => {
        if (lane) {
          for (const old of waiting) if (old.lane === lane) old.resolve(null);
          waiting = waiting.filter((old) => old.lane !== lane);
        }
        waiting.push({ lane, job, payload, needsPicture, resolve, reject });
        next();
      });
    },
    isBusy: () => asked !== null,
  };
}
