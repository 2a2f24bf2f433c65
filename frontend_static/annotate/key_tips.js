/** Tooltips that name the keys in force: elements say which actions' keys with data-keys. */
import { keyLabel } from "./keymap.js";

/**
 * Keep the tooltips in `root` true, now and whenever other keys come into force.
 * @param {HTMLElement} root  elements with data-keys="brush.smaller brush.larger", and data-tip for the words before them
 * @param {import("./commands.js").Actions} actions
 */
export function keepKeyTips(root, actions) {
  function show() {
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-keys]"))) {
      const { keys = "", tip = "" } = node.dataset;
      const labels = keys.split(" ").flatMap((id) => actions.get(id)?.keys.slice(0, 1) ?? []).map(keyLabel);
      const text = labels.join(" / ");
      node.title = tip && text ? `${tip} (${text})` : tip || text;
    }
  }
  actions.onKeys(show);
  show();
}
