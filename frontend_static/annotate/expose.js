/** window.tessera: what tests and benchmarks may look at. Nothing in it changes the drawing. */

/**
 * @param {import("./editor.js").Editor} editor @param {() => Promise<string>} proof
 */
export function exposeForTests({ drawing, autosave, viewer, store, handlerTimes }, proof) {
  Object.defineProperty(window, "tessera", {
    value: Object.freeze({
      mapSha256: proof,
      saveStatus: autosave.status,
      isSaved: autosave.isClean,
      counters: () => ({ ...autosave.counters, ...viewer.stats, handlerTimes: [...handlerTimes] }),
      state: () => ({ ...store.state }),
      area: (/** @type {number} */ number) => drawing.map.area[number],
      numbers: drawing.map.numbers,
      numberAt: drawing.map.get,
      entity: (/** @type {number} */ number) => ({ ...drawing.entities.get(number) }),
      history: drawing.history.depth,
      memory: drawing.map.memory,
      clientOf: viewer.clientOf,
      scale: viewer.scale,
      view: viewer.view,
      renderer: viewer.layer.kind,
      idAt: viewer.layer.idAt,
      loseContext: viewer.layer.loseContext,
    }),
  });
}
