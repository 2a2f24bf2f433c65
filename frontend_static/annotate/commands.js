/** The registry of everything a person can do: one list feeds keys, buttons and the help page. */
import { t } from "../shared/translate.js";
import { conflictsIn, keysInForce, OWN_KEYS } from "./shortcuts.js";

/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string} label
 * @property {string} group  heading under which help lists it
 * @property {string[]} keys  such as "ctrl+z", "shift+g", "[", "t h" (one after the other); of a registered action those in force
 * @property {string[]} [ownKeys]  of a registered action those it came with
 * @property {string} [step]  its keys are in force in this step only, so that another step may use them
 * @property {() => void} run
 * @property {() => boolean} [enabled]
 * @property {boolean} [edits]  changes the label map or the names: refused while read-only
 * @property {boolean} [keepsMap]  leaves the pixels alone: also where only names are asked for
 * @property {boolean} [endsGesture]  itself stops what the pointer is in the middle of
 * @property {boolean} [unlisted]  left out of the help page
 * @property {boolean} [everywhere]  its keys also work while a text field has the focus
 */
/** @typedef {ReturnType<typeof createActions>} Actions */

/**
 * @param {object} options
 * @param {(action: Action) => boolean} options.mayEdit
 * @param {(sentence: string) => void} options.refuse
 * @param {() => boolean} options.stopGesture  end what the pointer is in the middle of; whether there was anything
 * @param {() => string} [options.step]  the step one is in
 * @param {import("./shortcuts.js").KeyChoice} [options.choice]  the person's keys
 */
export function createActions({ mayEdit, refuse, stopGesture, step = () => "", choice = OWN_KEYS }) {
  /** @type {Map<string, Action>} */
  const byId = new Map();
  /** @type {Map<string, Action[]>} */
  let byKey = new Map();
  /** @type {(() => void)[]} */
  const listeners = [];

  /** @param {Action[]} actions */
  function add(...actions) {
    for (const action of actions) {
      if (byId.has(action.id)) throw new Error(`The action ${action.id} exists twice.`);
      byId.set(action.id, { ...action, ownKeys: action.keys });
    }
    const [conflict] = conflictsIn(keyed(), OWN_KEYS);
    if (conflict) throw new Error(`${conflict.key} is claimed by ${conflict.actions.join(" and ")}.`);
    rebind(choice);
  }

  /** Every action with the keys it came with. */
  const keyed = () => [...byId.values()].map(({ id, ownKeys = [], step: where, label, group, unlisted }) => ({ id, keys: ownKeys, step: where, label, group, unlisted }));

  /** Let other keys be in force. @param {import("./shortcuts.js").KeyChoice} chosen */
  function rebind(chosen) {
    choice = chosen;
    const inForce = keysInForce(keyed(), choice);
    byKey = new Map();
    for (const action of byId.values()) {
      action.keys = inForce.get(action.id) ?? [];
      for (const key of action.keys) byKey.set(key, [...(byKey.get(key) ?? []), action]);
    }
    listeners.forEach((tell) => tell());
  }

  /** @param {string} key */
  const forKey = (key) => byKey.get(key)?.find((action) => !action.step || action.step === step());

  /** @param {Action} action @returns {boolean} whether it ran */
  function perform(action) {
    if (action.enabled && !action.enabled()) return false;
    if (action.edits && !mayEdit(action)) {
      refuse(t("This image is open for viewing only."));
      return false;
    }
    // One gesture is one command: nothing else changes the map in the middle of it.
    if (action.edits && !action.endsGesture) stopGesture();
    action.run();
    return true;
  }

  /** @param {string} id */
  function run(id) {
    const action = byId.get(id);
    if (!action) throw new Error(`There is no action ${id}.`);
    return perform(action);
  }

  return {
    add,
    run,
    perform,
    forKey,
    /** Whether a key only begins what a second one completes. @param {string} key */
    begins: (key) => [...byKey.keys()].some((longer) => longer.startsWith(`${key} `)),
    rebind,
    keyed,
    choice: () => choice,
    /** Called whenever other keys come into force. @param {() => void} listener */
    onKeys(listener) {
      listeners.push(listener);
    },
    get: (/** @type {string} */ id) => byId.get(id),
    all: () => [...byId.values()],
  };
}
