/** The keys of the grid: arrows walk over the cards, X chooses one, / searches. */

/**
 * @param {HTMLElement} grid @param {HTMLInputElement} search
 * @param {(image: number, toLast: boolean) => void} toggle
 */
export function listenToGridKeys(grid, search, toggle) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
      return;
    }
    const links = [.../** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll(".image-info a"))];
    const at = links.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    if (event.key.toLowerCase() === "x" && at >= 0) toggle(Number(links[at].closest("li")?.dataset.image), event.shiftKey);
    const target = at < 0 ? undefined : links[at + stepOf(event.key, links)];
    if (!target || !(event.key in STEPS)) return;
    event.preventDefault();
    target.focus();
  });
}

/** @type {Record<string, {columns: number, rows: number}>} */
const STEPS = {
  ArrowRight: { columns: 1, rows: 0 },
  ArrowLeft: { columns: -1, rows: 0 },
  ArrowDown: { columns: 0, rows: 1 },
  ArrowUp: { columns: 0, rows: -1 },
};

/** @param {string} key @param {HTMLElement[]} links */
function stepOf(key, links) {
  const step = STEPS[key];
  if (!step) return 0;
  const top = links[0].closest("li")?.offsetTop;
  const inARow = links.filter((link) => link.closest("li")?.offsetTop === top).length;
  return step.columns + step.rows * inARow;
}

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && target.closest("input:not([type=checkbox]), select, textarea, dialog") !== null;
