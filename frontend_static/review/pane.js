/** A pane: a viewer of the image with one side's masks, and the hatch of what is disputed above them. */
import { createLabelMap } from "../segmentation/label_map.js";
import { sameTile } from "../segmentation/tiles.js";
import { createColours } from "../annotate/colours.js";
import { createEntities } from "../annotate/entities.js";
import { createMaskLayer } from "../annotate/mask_layer.js";
import { createLevels } from "../annotate/render/levels.js";
import { createViewer } from "../annotate/viewer.js";

/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {import("../segmentation/tiles.js").TileState} TileState */
/** @typedef {ReturnType<typeof createPane>} Pane */

/** In the map of differences: 0 is disputed and hatched, 1 is agreed and left clear. */
const HATCHED = { fill: 0, outline: false, selected: 0, hover: 0, solo: 0, dim: false, gaps: true };

/**
 * @param {object} parts
 * @param {HTMLElement} parts.host @param {HTMLElement} parts.imageHost @param {HTMLElement} parts.navigatorHost
 * @param {{width: number, height: number}} parts.size @param {string} parts.dziUrl @param {string | null} parts.prefer
 */
export function createPane({ host, imageHost, navigatorHost, size: { width, height }, dziUrl, prefer }) {
  const map = createLabelMap(width, height);
  const entities = createEntities([]);
  const colours = createColours(map, entities);
  const viewer = createViewer({ host, imageHost, navigatorHost, map, dziUrl, prefer });
  /** @type {{map: LabelMap, layer: ReturnType<typeof createMaskLayer>, canvas: HTMLCanvasElement} | null} */
  let hatch = null;
  let isHatched = false;
  let shown = 0;
  /** @type {Map<number, number>} */
  const chosen = new Map();

  entities.onChange((changed) => {
    changed.forEach(colours.paint);
    viewer.layer.setPalette(colours.rgba, changed);
    viewer.requestDraw();
  });
  viewer.layer.setPalette(colours.rgba);
  viewer.onMoved(drawHatch);
  new ResizeObserver(() => requestAnimationFrame(drawHatch)).observe(host);

  function drawHatch() {
    const view = viewer.view();
    if (!hatch || !view) return;
    hatch.layer.setHidden(!isHatched);
    if (!isHatched) return;
    // Setting a canvas's size wipes it, and the layer draws again only what has changed.
    if (hatch.canvas.width !== view.W || hatch.canvas.height !== view.H) hatch.layer.resize(view.W, view.H);
    hatch.layer.draw(view, /** @type {any} */ (HATCHED));
  }

  function createHatch() {
    const agreed = createLabelMap(width, height);
    const layer = createMaskLayer(host, agreed, createLevels(agreed), { prefer, onReplaced: drawHatch });
    const canvas = /** @type {HTMLCanvasElement} */ (host.lastElementChild);
    canvas.classList.add("hatch-canvas");
    viewer.hud.before(canvas);
    layer.setPalette(new Uint8Array(65536 * 4));
    return { map: agreed, layer, canvas };
  }

  return {
    host,
    map,
    entities,
    colours,
    viewer,
    /** Put tiles in place; those that are there already stay. @param {Iterable<[number, TileState]>} tiles */
    install(tiles) {
      for (const [t, state] of tiles) if (!sameTile(state, map.tiles[t])) map.install(t, state);
      viewer.requestDraw();
    },
    /**
     * Show another map with its entities. Colours chosen here stay with their numbers while the annotation is the same.
     * @param {readonly TileState[]} tiles @param {Record<string, any>[]} rows @param {number} annotation
     */
    async show(tiles, rows, annotation) {
      this.install(tiles.entries());
      entities.refresh(rows);
      if (annotation === shown) {
        entities.apply([...chosen].map(([number, colour]) => ({ number, before: {}, after: { colour } })), "after");
        return;
      }
      shown = annotation;
      chosen.clear();
      const coloured = await colours.chooseMissing();
      if (annotation === shown) for (const number of coloured) chosen.set(number, entities.get(number).colour);
    },
    /** Give entities colours that are nobody's but this screen's. @param {[number, number][]} pairs number, colour */
    paint(pairs) {
      const changed = pairs.filter(([number, colour]) => entities.get(number).colour !== colour);
      for (const [number, colour] of changed) chosen.set(number, colour);
      entities.apply(changed.map(([number, colour]) => ({ number, before: {}, after: { colour } })), "after");
    },
    /** What is disputed, as tiles of 0 and 1; null: nothing is compared. @param {TileState[] | null} difference */
    setDifference(difference) {
      if (!difference && !hatch) return;
      hatch ??= createHatch();
      const agreed = hatch.map;
      const all = difference ?? agreed.tiles.map(() => ({ uni: 1, runs: null }));
      all.forEach((state, t) => sameTile(state, agreed.tiles[t]) || agreed.install(t, state));
      drawHatch();
    },
    /** @param {boolean} shown */
    setHatched(shown) {
      isHatched = shown;
      drawHatch();
    },
  };
}
