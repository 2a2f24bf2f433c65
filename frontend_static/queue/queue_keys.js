/** The keys of the queue: walk through the rows, open one, give one back, or go to the next piece of work. */

/**
 * @param {HTMLElement} host holds the rows
 * @param {{next: () => void, giveBack: (assignment: number) => void}} acts
 */
export function listenToQueueKeys(host, acts) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const step = STEPS[event.key];
    if (step) {
      if (walk(host, step)) event.preventDefault();
      return;
    }
    if (event.key === "n" || event.key === "N" || (event.key === "Enter" && isNowhere(event.target))) {
      event.preventDefault();
      acts.next();
    }
    const row = event.key.toLowerCase() === "b" && rowAt(event.target);
    if (row) acts.giveBack(Number(row.dataset.assignment));
  });
}

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && target.closest("input, select, textarea, dialog, [role=menu]") !== null;

/** No control has the keyboard. @param {EventTarget | null} target */
const isNowhere = (target) => !(target instanceof HTMLElement) || target.closest("a, button, summary, [tabindex='0']") === null;

/** @param {EventTarget | null} target */
const rowAt = (target) => (target instanceof HTMLElement ? /** @type {HTMLElement | null} */ (target.closest(".queue-row")) : null);

/** @param {HTMLElement} host @param {number} step */
function walk(host, step) {
  const links = [.../** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll(".queue-open"))].filter((link) => link.offsetParent !== null);
  if (!links.length) return false;
  const row = rowAt(document.activeElement);
  const at = links.findIndex((link) => row?.contains(link));
  const target = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  const link = links[Math.min(Math.max(target, 0), links.length - 1)];
  link.focus();
  link.scrollIntoView({ block: "nearest" });
  return true;
}
