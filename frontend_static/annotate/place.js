/** Coming back to the part of the image one was looking at. */

const SETTLE_MS = 400;

/** @param {import("./viewer.js").Viewer} viewer @param {number} annotation */
export function rememberPlace(viewer, annotation) {
  const key = `tessera.view.${annotation}`;
  const kept = localStorage.getItem(key);
  if (kept) viewer.place(JSON.parse(kept));
  let timer = 0;
  viewer.onMoved(() => {
    clearTimeout(timer);
    timer = setTimeout(() => localStorage.setItem(key, JSON.stringify(viewer.placement())), SETTLE_MS);
  });
}
