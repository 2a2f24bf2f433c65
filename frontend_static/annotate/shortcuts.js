/** Which keys an action answers to: its own, a preset's or the person's; no two actions answer to one key. */
import { PRESETS } from "./key_presets.js";

/** @typedef {import("../shell/preferences.js").KeyChoice} KeyChoice */
/** @typedef {{id: string, keys: string[], step?: string}} Keyed  keys: its own, before any choice */
/** @typedef {{key: string, actions: [string, string]}} KeyConflict */

/** @type {KeyChoice} */
export const OWN_KEYS = { preset: "tessera", changed: {} };

/** Keys that are held down or belong to dialogs and the canvas: no action may take them. */
const RESERVED = new Set(["space", "esc"]);
/** What a browser does itself, whatever a page says. */
const BROWSERS = new Set(["ctrl+w", "ctrl+n", "ctrl+t", "ctrl+shift+n", "ctrl+shift+t", "ctrl+shift+w", "ctrl+tab", "ctrl+shift+tab", "f11", "f12", "alt+f4"]);

/** @param {string} key @returns {"" | "browser" | "reserved"} why a person cannot choose it */
export const hindranceOf = (key) => (BROWSERS.has(key) ? "browser" : RESERVED.has(key) ? "reserved" : "");

/** Whether two actions can be meant by one key press. @param {Keyed} a @param {Keyed} b */
const meet = (a, b) => !a.step || !b.step || a.step === b.step;

/** "t" would never let "t h" begin. @param {string} a @param {string} b */
export const clash = (a, b) => a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `);

/** @param {string} key */
const firstOf = (key) => key.split(" ")[0];

/** The keys an action should have, and how strongly: own choice before preset before default. @param {Keyed} action @param {KeyChoice} choice */
function wanted({ id, keys }, { preset, changed }) {
  if (Object.hasOwn(changed, id)) return { keys: changed[id], rank: 0 };
  const preferred = PRESETS[preset]?.[id];
  return preferred ? { keys: preferred, rank: 1 } : { keys, rank: 2 };
}

/**
 * The keys in force by action. A key that two would have goes to the stronger wish, else to the first.
 * @param {Keyed[]} actions @param {KeyChoice} choice
 * @returns {Map<string, string[]>}
 */
export function keysInForce(actions, choice) {
  const ranked = actions.map((action) => ({ action, ...wanted(action, choice) })).sort((a, b) => a.rank - b.rank);
  /** @type {Map<string, {action: Keyed, key: string}[]>} by the key pressed first */
  const taken = new Map();
  const found = new Map(actions.map(({ id }) => [id, /** @type {string[]} */ ([])]));
  for (const { action, keys } of ranked) {
    for (const key of keys) {
      const others = taken.get(firstOf(key)) ?? [];
      if (others.some((other) => meet(other.action, action) && clash(other.key, key))) continue;
      taken.set(firstOf(key), [...others, { action, key }]);
      found.get(action.id)?.push(key);
    }
  }
  return found;
}

/** Two actions that want the same key with the same strength. @param {Keyed[]} actions @param {KeyChoice} choice @returns {KeyConflict[]} */
export function conflictsIn(actions, choice) {
  const wishes = actions.flatMap((action) => {
    const { keys, rank } = wanted(action, choice);
    return keys.map((key) => ({ action, key, rank }));
  });
  /** @type {Map<string, typeof wishes>} */
  const earlier = new Map();
  return wishes.flatMap((one) => {
    const rivals = earlier.get(firstOf(one.key)) ?? [];
    earlier.set(firstOf(one.key), [...rivals, one]);
    return rivals
      .filter((other) => other.rank === one.rank && other.action !== one.action && meet(one.action, other.action) && clash(one.key, other.key))
      .map((other) => ({ key: one.key, actions: /** @type {[string, string]} */ ([other.action.id, one.action.id]) }));
  });
}

/** Who has a key that an action would like. @param {Keyed[]} actions @param {KeyChoice} choice @param {Keyed} action @param {string} key */
export function holderOf(actions, choice, action, key) {
  const inForce = keysInForce(actions, choice);
  return actions.find((other) => other.id !== action.id && meet(other, action) && inForce.get(other.id)?.some((taken) => clash(taken, key)));
}

/** Give an action a key, taking it from whoever had it. @param {Keyed[]} actions @param {KeyChoice} choice @param {Keyed} action @param {string} key @returns {KeyChoice} */
export function withKey(actions, choice, action, key) {
  const inForce = keysInForce(actions, choice);
  /** @type {Record<string, string[]>} */
  const changed = { ...choice.changed, [action.id]: [...(inForce.get(action.id) ?? []), key].slice(-4) };
  for (let holder = holderOf(actions, choice, action, key); holder; holder = holderOf(actions, { ...choice, changed: without(changed, action.id) }, action, key)) {
    changed[holder.id] = (inForce.get(holder.id) ?? []).filter((taken) => !clash(taken, key));
  }
  return { ...choice, changed };
}

/** @param {Record<string, string[]>} changed @param {string} id */
function without(changed, id) {
  return Object.fromEntries(Object.entries(changed).filter(([other]) => other !== id));
}

/** @param {Keyed[]} actions @param {KeyChoice} choice @param {Keyed} action @param {string} key @returns {KeyChoice} */
export function withoutKey(actions, choice, action, key) {
  const rest = (keysInForce(actions, choice).get(action.id) ?? []).filter((other) => other !== key);
  return { ...choice, changed: { ...choice.changed, [action.id]: rest } };
}

/** Back to the preset's keys. @param {KeyChoice} choice @param {string} id @returns {KeyChoice} */
export const asPreset = (choice, id) => ({ ...choice, changed: without(choice.changed, id) });

/**
 * Keys from a file that somebody exported: what cannot be used is left out.
 * @param {unknown} content @param {Keyed[]} actions
 * @returns {{choice: KeyChoice, skipped: number} | null} null if it is no such file
 */
export function importedKeys(content, actions) {
  if (typeof content !== "object" || content === null) return null;
  const { preset, changed } = /** @type {Record<string, unknown>} */ (content);
  if (typeof preset !== "string" || !(preset in PRESETS) || typeof changed !== "object" || changed === null) return null;
  const known = new Set(actions.map(({ id }) => id));
  const rows = Object.entries(changed);
  const usable = rows.filter(([id, keys]) => known.has(id) && Array.isArray(keys) && keys.length <= 4 && keys.every((key) => typeof key === "string" && /^[^\s<>]{1,40}( [^\s<>]{1,40})?$/.test(key) && !hindranceOf(key)));
  return { choice: { preset: /** @type {KeyChoice["preset"]} */ (preset), changed: Object.fromEntries(usable) }, skipped: rows.length - usable.length };
}
