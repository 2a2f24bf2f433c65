/** Which side each disagreement was decided for: told by the commands on the reviewer's map, kept on this computer. */
import { createSignal } from "../annotate/store.js";

/** @typedef {"A" | "B" | "edit"} Decision */
/** @typedef {ReturnType<typeof createDecisions>} Decisions */

/** @param {string} name of the pair compared @param {Storage} [storage] */
export function createDecisions(name, storage = localStorage) {
  const key = `tessera.review.${name}`;
  /** @type {Map<string, Decision>} */
  const made = new Map(read());
  /** @type {ReturnType<typeof createSignal<void>>} */
  const changed = createSignal();

  /** @returns {[string, Decision][]} */
  function read() {
    try {
      return JSON.parse(storage.getItem(key) ?? "[]");
    } catch {
      return [];
    }
  }

  /** @param {string} item @param {Decision | null} decision */
  function set(item, decision) {
    if (decision) made.set(item, decision);
    else made.delete(item);
    storage.setItem(key, JSON.stringify([...made]));
    changed.emit();
  }

  return {
    get: (/** @type {string} */ item) => made.get(item),
    set,
    count: () => made.size,
    /** A command on the reviewer's map, done or undone. @param {Record<string, any>} operation */
    follow({ tool, item, side, was, undone }) {
      if (tool === "pick" && item) set(item, undone ? was : side);
    },
    onChange: changed.on,
  };
}
