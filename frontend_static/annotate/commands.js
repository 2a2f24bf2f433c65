/** The registry of everything a person can do: one list feeds keys, buttons and the help page. */

/**
 * @typedef {object} Action
 * @property {string} id
 * @property {string} label
 * @property {string} group  heading under which help lists it
 * @property {string[]} keys  such as "ctrl+z", "shift+g", "["
 * @property {() => void} run
 * @property {() => boolean} [enabled]
 * @property {boolean} [edits]  changes the label map or the names: refused while read-only
 * @property {boolean} [endsGesture]  itself stops what the pointer is in the middle of
 * @property {boolean} [unlisted]  left out of the help page
 * @property {boolean} [everywhere]  its keys also work while a text field has the focus
 */
/** @typedef {ReturnType<typeof createActions>} Actions */

/**
 * @param {object} options
 * @param {() => boolean} options.mayEdit
 * @param {(sentence: string) => void} options.refuse
 * @param {() => boolean} options.stopGesture  end what the pointer is in the middle of; whether there was anything
 */
export function createActions({ mayEdit, refuse, stopGesture }) {
  /** @type {Map<string, Action>} */
  const byId = new Map();
  /** @type {Map<string, Action>} */
  const byKey = new Map();

  /** @param {Action[]} actions */
  function add(...actions) {
    for (const action of actions) {
      if (byId.has(action.id)) throw new Error(`The action ${action.id} exists twice.`);
      byId.set(action.id, action);
      for (const key of action.keys) {
        const other = byKey.get(key);
        if (other) throw new Error(`${key} is claimed by ${other.id} and ${action.id}.`);
        byKey.set(key, action);
      }
    }
  }

  /** @param {Action} action @returns {boolean} whether it ran */
  function perform(action) {
    if (action.enabled && !action.enabled()) return false;
    if (action.edits && !mayEdit()) {
      refuse("This image is open for viewing only.");
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
    forKey: (/** @type {string} */ key) => byKey.get(key),
    get: (/** @type {string} */ id) => byId.get(id),
    all: () => [...byId.values()],
  };
}
