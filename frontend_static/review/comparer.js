/** Asking the worker how two maps differ; an answer that was overtaken is dropped. */

/** @typedef {ReturnType<typeof import("../segmentation/disagreements.js").disagreements>} Found */
/** @typedef {{map: import("../segmentation/label_map.js").LabelMap, names: [number, string][]}} Compared */

export function createComparer() {
  const worker = new Worker(new URL("./compare.worker.js", import.meta.url), { type: "module" });
  let asked = 0;
  /** @type {Map<number, {resolve: (found: Found) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();

  worker.addEventListener("message", ({ data: { id, found, error } }) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error) answer?.reject(new Error(error));
    else answer?.resolve(found);
  });
  worker.addEventListener("error", (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "The comparison stopped."));
    waiting.clear();
  });

  /** Only what the runs need travels. @param {Compared} compared */
  const sent = ({ map: { width, height, tiles }, names }) => ({ width, height, tiles, names });

  return {
    /** @param {Compared} a @param {Compared} b @returns {Promise<Found>} */
    compare(a, b) {
      const id = ++asked;
      worker.postMessage({ id, a: sent(a), b: sent(b) });
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
  };
}

/** @typedef {ReturnType<typeof createComparer>} Comparer */
