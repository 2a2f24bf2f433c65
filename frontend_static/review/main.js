/** The review page: the editor's canvas and list, for looking; a history to open, and a verdict to give. */
import { createApi } from "../shared/api.js";
import { find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { keyChoice } from "../shell/preferences.js";
import { showKeysWith } from "../shell/settings.js";
import { parseBundle, mapOfBundle } from "../segmentation/bundle.js";
import { mapSha256 } from "../segmentation/digest.js";
import { sameTile } from "../segmentation/tiles.js";
import { createColours } from "../annotate/colours.js";
import { createActions } from "../annotate/commands.js";
import { createDrawing } from "../annotate/drawing.js";
import { createEditorStore } from "../annotate/editor_state.js";
import { createEntities } from "../annotate/entities.js";
import { createGaps } from "../annotate/gaps.js";
import { listenToKeys } from "../annotate/keymap.js";
import { listenToPointer } from "../annotate/pointer.js";
import { numberAt } from "../annotate/tools/tool.js";
import { viewActions } from "../annotate/view_actions.js";
import { createViewer } from "../annotate/viewer.js";
import { walkActions } from "../annotate/walk_actions.js";
import { createCoverage } from "../annotate/panels/coverage.js";
import { createEntityList } from "../annotate/panels/entity_list.js";
import { showHelp } from "../annotate/panels/help.js";
import { keySettings } from "../annotate/panels/key_settings.js";
import { createNotices } from "../annotate/panels/notices.js";
import { createOptionsBar } from "../annotate/panels/options_bar.js";
import { createStatusBar } from "../annotate/panels/status_bar.js";
import { createThumbnails } from "../annotate/panels/thumbnails.js";
import { createRevisions } from "./revisions.js";
import { createVerdict } from "./verdict.js";

/** @typedef {import("../annotate/drawing.js").Drawing} Drawing */
/** @typedef {import("../annotate/editor_state.js").EditorStore} EditorStore */
/** @typedef {import("../annotate/viewer.js").Viewer} Viewer */

/** @type {[string, string][]} */
const POINTER = [[t("Drag"), t("Move the view")], [t("Wheel"), t("Zoom at the cursor")], [t("Click"), t("Select the entity")]];

/**
 * The map and its mask rows at one revision.
 * @param {import("../shared/api.js").Api} api @param {number} annotation @param {string} [query]
 */
async function loadState(api, annotation, query = "") {
  const [bundle, masks] = await Promise.all([
    api.request(`annotations/${annotation}/bundle${query}`).then((response) => response.arrayBuffer()),
    api.get(`annotations/${annotation}/masks${query}`),
  ]);
  return { bundle: parseBundle(bundle), rows: masks.results };
}

async function open() {
  const root = find("#review");
  const annotation = Number(root.dataset.annotation);
  const api = createApi();
  const [detail, current] = await Promise.all([api.get(`annotations/${annotation}`), loadState(api, annotation)]);
  // A store of its own: looking at an image leaves the editor's state for it alone.
  const store = createEditorStore(-annotation);
  store.set({ tool: "pan", step: "masks", selected: 0, readOnly: "" });
  const map = mapOfBundle(current.bundle);
  const entities = createEntities(current.rows);
  const colours = createColours(map, entities);
  colours.chooseMissing();
  const drawing = createDrawing(map, entities, colours.forEntity);
  const viewer = createViewer({
    host: find("#stage"), imageHost: find("#image"), navigatorHost: find("#navigator"), map,
    dziUrl: detail.image.dzi_url, prefer: new URLSearchParams(location.search).get("layer"),
  });
  await viewer.opened;
  const { say } = createNotices(find("#stage"), store, () => {});
  const actions = createActions({ mayEdit: () => false, refuse: say, stopGesture: () => false, choice: keyChoice() });

  /** @param {number} number */
  const select = (number) => store.set({ selected: number <= 65000 ? number : 0 });
  /** @param {number} number */
  function selectAndFit(number) {
    select(number);
    const box = map.boxOf(number);
    if (box) viewer.fit(box);
  }

  /** Put a revision on the screen. @param {number} number @param {boolean} isLatest */
  async function showRevision(number, isLatest) {
    const { bundle, rows } = await loadState(api, annotation, `?revision=${number}`);
    bundle.tiles.forEach((state, t) => {
      if (!sameTile(state, map.tiles[t])) map.install(t, state);
    });
    entities.refresh(rows);
    gaps.reset();
    coverage.refresh();
    store.set({ readOnly: isLatest ? "" : t("Revision {number}: an earlier state, for looking only.", { number: String(number) }) });
    viewer.requestDraw();
  }

  const { pastReviews } = createVerdict({ api, detail, actions, say });
  const gaps = createGaps(drawing, (list) => coverage.showGaps(list));
  actions.add(
    { id: "revision.older", label: t("Older revision"), group: t("Review"), keys: ["pagedown"], run: () => revisions.step(1) },
    { id: "revision.newer", label: t("Newer revision"), group: t("Review"), keys: ["pageup"], run: () => revisions.step(-1) },
    { id: "work.help", label: t("All keys"), group: t("Review"), keys: ["f1"], everywhere: true, run: () => void showHelp(actions, POINTER) },
    ...walkActions({ drawing, store, viewer, gaps, entityList: () => entityList, selectAndFit, say }),
    ...viewActions({ viewer, store }),
  );
  showKeysWith(() => keySettings(actions));
  createOptionsBar(find("#options"), store);
  const coverage = createCoverage(find("#coverage"), { drawing, actions, policy: detail.policy });
  const revisions = await createRevisions(find("#history"), { api, annotation, show: showRevision });
  find("#history").append(pastReviews);
  const entityList = createEntityList(find("#entities"), {
    drawing, store, thumbnails: createThumbnails(map, viewer.tileSource()),
    choose: (number, fit) => (fit ? selectAndFit(number) : select(number)),
  });
  createStatusBar(find("#status-bar"), { map, entities, viewer, store });
  listenToKeys(actions, { hold: {} });
  lookAround(viewer, drawing, store, select);
  keepInView(viewer, drawing, store, colours);
  expose(drawing, viewer, store, revisions.shown);
  root.dataset.ready = "true";
  find("#loading").hidden = true;
}

/** Drag to move, click to select. @param {Viewer} viewer @param {Drawing} drawing @param {EditorStore} store @param {(number: number) => void} select */
function lookAround(viewer, { map }, store, select) {
  /** @type {import("../annotate/tools/tool.js").Tool} */
  const hand = { id: "pan", label: "", hint: "", keys: [], icon: "", cursor: "grab", click: (point) => select(numberAt(map, point)) };
  viewer.hud.style.cursor = hand.cursor;
  listenToPointer({
    viewer,
    tool: () => hand,
    isPanning: () => false,
    mayUse: () => true,
    pick: () => {},
    onMove: (point) => store.set({ cursor: point, hover: point ? numberAt(map, point) : 0 }),
    resizeBrush: () => {},
    measure: () => {},
  });
}

/**
 * Show what the store and the entities say, now and whenever they change.
 * @param {Viewer} viewer @param {Drawing} drawing @param {EditorStore} store
 * @param {ReturnType<typeof createColours>} colours
 */
function keepInView(viewer, { entities }, store, colours) {
  function refresh() {
    const { fill, outline, selected, hover, solo, gaps, hidden } = store.state;
    viewer.layer.setHidden(hidden);
    viewer.show({ fill, outline, selected, hover, solo: solo ? selected : 0, dim: false, gaps });
  }
  store.watch(["fill", "outline", "selected", "hover", "solo", "gaps", "hidden"], refresh);
  entities.onChange((changed) => {
    changed.forEach(colours.paint);
    viewer.layer.setPalette(colours.rgba);
    viewer.requestDraw();
  });
  colours.paintAll();
  viewer.layer.setPalette(colours.rgba);
  refresh();
}

/** window.tessera, for tests. @param {Drawing} drawing @param {Viewer} viewer @param {EditorStore} store @param {() => number} revision */
function expose({ map }, viewer, store, revision) {
  Object.defineProperty(window, "tessera", {
    value: Object.freeze({
      mapSha256: () => mapSha256(map.width, map.height, [...map.tiles]),
      numbers: map.numbers,
      area: (/** @type {number} */ number) => map.area[number],
      revision,
      clientOf: viewer.clientOf,
      state: () => ({ ...store.state }),
    }),
  });
}

open().catch((error) => {
  console.error(error);
  const loading = find("#loading");
  loading.setAttribute("role", "alert");
  loading.dataset.failed = "true";
  loading.textContent = error instanceof Error ? error.message : String(error);
});
