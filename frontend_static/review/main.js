/** The review page: the editor's canvas and list, for looking; a history to open, and a verdict to give. */
import { createApi } from "../shared/api.js";
import { element, find } from "../shared/dom.js";
import { parseBundle, mapOfBundle } from "../segmentation/bundle.js";
import { mapSha256 } from "../segmentation/digest.js";
import { sameTile } from "../segmentation/tiles.js";
import { createColours } from "../annotate/colours.js";
import { createActions } from "../annotate/commands.js";
import { createDrawing } from "../annotate/drawing.js";
import { createEditorStore } from "../annotate/editor_state.js";
import { createEntities } from "../annotate/entities.js";
import { createGaps } from "../annotate/gaps.js";
import { keyLabel, listenToKeys } from "../annotate/keymap.js";
import { listenToPointer } from "../annotate/pointer.js";
import { numberAt } from "../annotate/tools/tool.js";
import { viewActions } from "../annotate/view_actions.js";
import { createViewer } from "../annotate/viewer.js";
import { walkActions } from "../annotate/walk_actions.js";
import { createCoverage } from "../annotate/panels/coverage.js";
import { createEntityList } from "../annotate/panels/entity_list.js";
import { showHelp } from "../annotate/panels/help.js";
import { createNotices } from "../annotate/panels/notices.js";
import { createOptionsBar } from "../annotate/panels/options_bar.js";
import { createStatusBar } from "../annotate/panels/status_bar.js";
import { createThumbnails } from "../annotate/panels/thumbnails.js";
import { createRevisions } from "./revisions.js";
import { createVerdict } from "./verdict.js";

/** @type {Record<string, [string, string]>} state → tone and words */
const STATES = {
  draft: ["info", "Being drawn"],
  submitted: ["warn", "Waiting for review"],
  returned: ["bad", "Returned"],
  accepted: ["good", "Accepted"],
  frozen: ["violet", "Model's proposal"],
};

/** @type {[string, string][]} */
const POINTER = [["Drag", "Move the view"], ["Wheel", "Zoom at the cursor"], ["Click", "Select the entity"]];

async function open() {
  const root = find("#review");
  const annotation = Number(root.dataset.annotation);
  const api = createApi();
  /** @param {string} [query] */
  const load = async (query = "") => {
    const [bundle, masks] = await Promise.all([
      api.request(`annotations/${annotation}/bundle${query}`).then((response) => response.arrayBuffer()),
      api.get(`annotations/${annotation}/masks${query}`),
    ]);
    return { bundle: parseBundle(bundle), rows: masks.results };
  };
  const [detail, current] = await Promise.all([api.get(`annotations/${annotation}`), load()]);
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
  const actions = createActions({ mayEdit: () => false, refuse: say, stopGesture: () => false });
  const gaps = createGaps(drawing, (list) => coverage.showGaps(list));
  const verdict = createVerdict({ api, annotation, say, onGiven: showDetail });

  /** @param {number} number */
  function select(number) {
    store.set({ selected: number <= 65000 ? number : 0 });
  }

  /** @param {number} number */
  function selectAndFit(number) {
    select(number);
    const box = map.boxOf(number);
    if (box) viewer.fit(box);
  }

  /** Put a revision on the screen. @param {number} number @param {boolean} isLatest */
  async function showRevision(number, isLatest) {
    const { bundle, rows } = await load(`?revision=${number}`);
    bundle.tiles.forEach((state, t) => {
      if (!sameTile(state, map.tiles[t])) map.install(t, state);
    });
    entities.refresh(rows);
    gaps.reset();
    coverage.refresh();
    store.set({ readOnly: isLatest ? "" : `Revision ${number}: an earlier state, for looking only.` });
    viewer.requestDraw();
  }

  let canReview = false;
  const acceptButton = verdictButton("review.accept", "button button-primary", "Accept");
  const returnButton = verdictButton("review.return", "button", "Return…");

  /** @param {string} id @param {string} style @param {string} label */
  function verdictButton(id, style, label) {
    return element("button", { type: "button", class: style, onclick: () => actions.run(id) }, label);
  }

  /** @param {Record<string, any>} now */
  function showDetail(now) {
    canReview = now.can_review;
    acceptButton.disabled = returnButton.disabled = !canReview;
    const [tone, words] = STATES[now.state] ?? ["", now.state];
    find("#review-state").replaceChildren(
      element("span", { class: "soft" }, `by ${now.author.name}`),
      element("span", { class: `badge ${tone}`, data: { state: now.state } }, words),
    );
    pastReviews.replaceChildren(...now.reviews.map(reviewRow));
    pastReviews.hidden = now.reviews.length === 0;
  }

  const pastReviews = element("div", { class: "past-reviews", hidden: true });
  actions.add(
    { id: "review.accept", label: "Accept", group: "Review", keys: ["a"], enabled: () => canReview, run: () => void verdict.accept() },
    { id: "review.return", label: "Return with a reason", group: "Review", keys: ["shift+a"], enabled: () => canReview, run: () => void verdict.sendBack() },
    { id: "revision.older", label: "Older revision", group: "Review", keys: ["pagedown"], run: () => revisions.step(1) },
    { id: "revision.newer", label: "Newer revision", group: "Review", keys: ["pageup"], run: () => revisions.step(-1) },
    { id: "work.help", label: "All keys", group: "Review", keys: ["f1"], everywhere: true, run: () => void showHelp(actions, POINTER) },
    ...walkActions({ drawing, store, viewer, gaps, entityList: () => entityList, selectAndFit, say }),
    ...viewActions({ viewer, store }),
  );
  for (const [button, id] of /** @type {const} */ ([[acceptButton, "review.accept"], [returnButton, "review.return"]])) {
    button.title = keyLabel(actions.get(id)?.keys[0] ?? "");
  }
  find("#review-controls").append(returnButton, acceptButton);
  createOptionsBar(find("#options"), store);
  const coverage = createCoverage(find("#coverage"), { drawing, actions, policy: detail.policy });
  const revisions = await createRevisions(find("#history"), { api, annotation, show: showRevision });
  find("#history").append(pastReviews);
  const entityList = createEntityList(find("#entities"), {
    drawing, store, thumbnails: createThumbnails(map, viewer.tileSource()),
    choose: (number, fit) => (fit ? selectAndFit(number) : select(number)),
  });
  createStatusBar(find("#status-bar"), { map, entities, viewer, store });
  showDetail(detail);

  function refreshView() {
    const { fill, outline, selected, hover, solo, gaps: hatched, hidden } = store.state;
    viewer.layer.setHidden(hidden);
    viewer.show({ fill, outline, selected, hover, solo: solo ? selected : 0, dim: false, gaps: hatched });
  }
  store.watch(["fill", "outline", "selected", "hover", "solo", "gaps", "hidden"], refreshView);
  entities.onChange((changed) => {
    changed.forEach(colours.paint);
    viewer.layer.setPalette(colours.rgba);
    viewer.requestDraw();
  });
  /** @type {import("../annotate/tools/tool.js").Tool} */
  const look = { id: "pan", label: "", hint: "", keys: [], icon: "", cursor: "grab", click: (point) => select(numberAt(map, point)) };
  listenToPointer({
    viewer,
    tool: () => look,
    isPanning: () => false,
    mayUse: () => true,
    pick: () => {},
    onMove: (point) => store.set({ cursor: point, hover: point ? numberAt(map, point) : 0 }),
    resizeBrush: () => {},
    measure: () => {},
  });
  listenToKeys(actions, { hold: {} });
  colours.paintAll();
  viewer.layer.setPalette(colours.rgba);
  viewer.hud.style.cursor = "grab";
  refreshView();
  Object.defineProperty(window, "tessera", {
    value: Object.freeze({
      mapSha256: () => mapSha256(map.width, map.height, [...map.tiles]),
      numbers: () => map.numbers(),
      area: (/** @type {number} */ number) => map.area[number],
      revision: revisions.shown,
      clientOf: viewer.clientOf,
      state: () => ({ ...store.state }),
    }),
  });
  root.dataset.ready = "true";
  find("#loading").hidden = true;
}

/** @param {{verdict: string, reason: string, reviewer: string, created_at: string}} review */
const reviewRow = ({ verdict, reason, reviewer, created_at: at }) =>
  element(
    "div",
    { class: `past-review ${verdict}` },
    reason && element("blockquote", {}, reason),
    element("p", {}, `${verdict === "accept" ? "Accepted" : "Returned"} by ${reviewer}, `, element("time", { datetime: at }, new Date(at).toLocaleString("en"))),
  );

open().catch((error) => {
  console.error(error);
  const loading = find("#loading");
  loading.setAttribute("role", "alert");
  loading.dataset.failed = "true";
  loading.textContent = error instanceof Error ? error.message : String(error);
});
