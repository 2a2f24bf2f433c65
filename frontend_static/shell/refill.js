/** Showing a list again without losing the keyboard's place in it. */

/** @param {Element} node */
const keyOf = (node) => node.getAttribute("data-key") ?? node.getAttribute("aria-label") ?? node.getAttribute("href") ?? "";

/**
 * Replace what `host` shows; focus stays on the control with the same key (data-key, aria-label or href).
 * @param {HTMLElement} host @param {...Node} nodes
 */
export function refill(host, ...nodes) {
  const focused = document.activeElement;
  const key = focused && host.contains(focused) ? keyOf(focused) : "";
  host.replaceChildren(...nodes);
  if (!key) return;
  const again = [...host.querySelectorAll("a, button, select")].find((node) => keyOf(node) === key);
  if (again instanceof HTMLElement) again.focus();
}

/**
 * Remember what was made of a row, so that an unchanged row keeps its element (and its loaded picture).
 * @template {{id: number}} R
 * @param {(row: R) => HTMLElement} make
 * @returns {(rows: R[]) => HTMLElement[]}
 */
export function remembering(make) {
  /** @type {Map<number, {content: string, node: HTMLElement}>} */
  let known = new Map();
  return (rows) => {
    known = new Map(
      rows.map((row) => {
        const content = JSON.stringify(row);
        const before = known.get(row.id);
        return [row.id, before?.content === content ? before : { content, node: make(row) }];
      }),
    );
    return [...known.values()].map(({ node }) => node);
  };
}
