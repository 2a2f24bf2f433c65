/** Waiting until the page has nothing better to do. */

const LATEST_MS = 2000;
/** Not every browser can be asked. */
const GUESS_MS = 50;

/** Resolves when the page is idle, at the latest after two seconds. @returns {Promise<void>} */
export const idle = () =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: LATEST_MS });
    else setTimeout(resolve, GUESS_MS);
  });
