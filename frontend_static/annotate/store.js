/** The editor's own state (tool, selection, view options): one object, changed in one place, watched by key. */

/**
 * @template {Record<string, any>} S
 * @param {S} initial
 */
export function createStore(initial) {
  const state = { ...initial };
  /** @type {Set<{keys: (keyof S)[], listen: (state: S) => void}>} */
  const watchers = new Set();
  return {
    /** @type {Readonly<S>} */
    state,
    /** @param {Partial<S>} patch */
    set(patch) {
      const changed = /** @type {(keyof S)[]} */ (Object.keys(patch)).filter((key) => !Object.is(state[key], patch[key]));
      if (changed.length === 0) return;
      Object.assign(state, patch);
      for (const { keys, listen } of [...watchers]) if (keys.some((key) => changed.includes(key))) listen(state);
    },
    /** @param {(keyof S)[]} keys @param {(state: S) => void} listen @returns {() => void} stops watching */
    watch(keys, listen) {
      const watcher = { keys, listen };
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** Something that happens and is heard by those who asked. @template T */
export function createSignal() {
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    /** @param {T} value */
    emit(value) {
      for (const listen of [...listeners]) listen(value);
    },
    /** @param {(value: T) => void} listen @returns {() => void} stops listening */
    on(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}
