/** Several chosen entities stand out: all others turn dark until one is chosen again. */

const DARK = [26, 27, 32, 255];

/**
 * @param {object} parts
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {Uint8Array} parts.rgba  the palette as it is without a choice
 */
export function highlightChosen({ drawing, store, viewer, rgba }) {
  function show() {
    const chosen = new Set(store.state.chosen);
    if (chosen.size < 2) {
      viewer.layer.setPalette(rgba);
    } else {
      const dimmed = rgba.slice();
      for (const number of drawing.map.numbers()) if (!chosen.has(number)) dimmed.set(DARK, 4 * number);
      viewer.layer.setPalette(dimmed);
    }
    viewer.requestDraw();
  }
  store.watch(["chosen"], show);
  drawing.entities.onChange(() => {
    if (store.state.chosen.length > 1) show();
  });
}
