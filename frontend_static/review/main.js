/** The review page: look, compare, decide side by side, speak of a place, go through the history, give a verdict. */
import { createApi } from "../shared/api.js";
import { find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { keyChoice } from "../shell/preferences.js";
import { showKeysWith } from "../shell/settings.js";
import { createComments } from "../annotate/comments.js";
import { createActions } from "../annotate/commands.js";
import { createDrawing } from "../annotate/drawing.js";
import { createEditorStore } from "../annotate/editor_state.js";
import { beginAt } from "../annotate/focus.js";
import { createGaps } from "../annotate/gaps.js";
import { keepKeyTips } from "../annotate/key_tips.js";
import { listenToKeys } from "../annotate/keymap.js";
import { createStore } from "../annotate/store.js";
import { createCoverage } from "../annotate/panels/coverage.js";
import { createEntityList } from "../annotate/panels/entity_list.js";
import { keySettings } from "../annotate/panels/key_settings.js";
import { createNotices } from "../annotate/panels/notices.js";
import { createOptionsBar } from "../annotate/panels/options_bar.js";
import { createStatusBar } from "../annotate/panels/status_bar.js";
import { createThumbnails } from "../annotate/panels/thumbnails.js";
import { reviewActions } from "./actions.js";
import { createAgreement } from "./agreement.js";
import { createCompareMenu } from "./compare_menu.js";
import { createDecideBar } from "./decide_bar.js";
import { createDeciding } from "./deciding.js";
import { createDecisions } from "./decisions.js";
import { createDesk } from "./desk.js";
import { createDisagreementList } from "./disagreement_list.js";
import { exposeForTests } from "./expose.js";
import { createHistorySlider } from "./history_slider.js";
import { createLayout, createModeBar } from "./layout.js";
import { lookAround, keepInView, showTitles } from "./looking.js";
import { restoreRevision } from "./restore.js";
import { placeOf, placeText } from "./sides.js";
import { createTabs } from "./tabs.js";
import { createVerdict } from "./verdict.js";
import { createWalking } from "./walking.js";

/** @typedef {import("../segmentation/disagreements.js").Disagreement} Disagreement */
/** @typedef {import("./sides.js").Place} Place */
/** @typedef {import("./layout.js").CompareState} CompareState */

/** What is compared unless the address says: the reviewer's map with its original and the other way round. @param {Record<string, any>} detail @returns {Place | null} */
function usualPlace({ original, replaced_by: replacedBy }) {
  const annotation = replacedBy ?? original?.id;
  return annotation ? { annotation, revision: null } : null;
}

/** What is compared with what; work handed in again is decided afresh. @param {Record<string, any>} detail @param {Place | null} place */
const pairName = ({ id, map_sha256: digest }, place) => `${id}.${digest.slice(0, 12)}.${place ? placeText(place) : ""}`;

async function open() {
  const root = find("#review");
  const api = createApi();
  const detail = await api.get(`annotations/${root.dataset.annotation}`);
  if (detail.original && detail.state === "draft") {
    location.replace(`/review/${detail.original.id}${location.search}`);
    return;
  }
  // A store of its own: looking at an image leaves the editor's state for it alone.
  const store = createEditorStore(-detail.id);
  store.set({ tool: "pan", step: "masks", selected: 0, readOnly: "" });
  const compare = createStore(/** @type {CompareState} */ ({ isComparing: false, mode: "side", curtain: 0.5, isSwapped: false, hatch: false, left: "theirs" }));
  const stage = find("#stage");
  const { say } = createNotices(stage, store, () => {});
  /** @type {import("../segmentation/disagreements.js").Figures | null} */
  let found = null;
  const desk = createDesk({
    api, detail, compare, say,
    onFound: (items) => list.show(items),
    onFigures: (figures) => {
      found = figures;
      showFigures();
    },
    onShown: () => afterShown(),
  });
  const { left } = desk;
  await left.viewer.opened;
  const actions = createActions({ mayEdit: () => false, refuse: say, stopGesture: () => false, choice: keyChoice() });
  const drawing = createDrawing(left.map, left.entities, left.colours.forEntity);
  const shown = placeOf(new URLSearchParams(location.search).get("with")) ?? usualPlace(detail);
  let decisions = createDecisions(pairName(detail, shown));

  const list = createDisagreementList(find("#differences"), {
    choose: (item) => choose(item, true),
    decisionOn: (key) => decisions.get(key),
    nameOf: (item) => entitiesText(desk, item),
  });

  const agreement = createAgreement({ api, annotation: detail.id, onTold: showFigures });

  /** The server knows both maps as they are saved: neither one's own decisions nor an earlier state. */
  function showFigures() {
    const isSaved = !desk.isMine() && desk.a()?.revision === null;
    if (found) list.showFigures(found, isSaved ? agreement.current() : null);
  }

  const { select, selectAndFit, choose, walk, pick } = createWalking({ desk, store, compare, say, list: () => list, reveal: () => tabs.show("differences") });

  /** @param {number} number @param {boolean} isLatest */
  async function showRevision(number, isLatest) {
    // Somebody who goes through the history looks at the annotator's map, not at their own.
    if (desk.own()) compare.set({ left: isLatest ? "mine" : "theirs" });
    await desk.showRevision(isLatest ? null : number);
    store.set({ readOnly: isLatest ? "" : t("Revision {number}: an earlier state, for looking only.", { number: String(number) }) });
  }

  /** @param {Place | null} place @param {string} title */
  async function compareWith(place, title) {
    try {
      list.wait();
      void agreement.ask(place);
      decisions = createDecisions(pairName(detail, place));
      decisions.onChange(list.refresh);
      titles.setRight(title);
      await desk.compareWith(place, menu.isPrediction(place));
      const address = new URLSearchParams(location.search);
      if (place) address.set("with", placeText(place));
      else address.delete("with");
      history.replaceState(null, "", `?${address}`);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  const verdict = createVerdict({
    api, detail, actions, say,
    ownMap: desk.own,
    openComments: () => comments.openRows().map((row) => ({ text: row.text, where: comments.whereText(row) })),
    onVerdict: (state) => state === "submitted" || compare.set({ left: "theirs" }),
  });
  const deciding = createDeciding({
    api, detail, desk, store, say,
    decisions: { get: (key) => decisions.get(key), set: (key, decision) => decisions.set(key, decision), follow: (operation) => decisions.follow(operation) },
    current: list.current,
    all: list.all,
    canReview: verdict.canReview,
    onBegun: verdict.showOwn,
  });
  const gaps = createGaps(drawing, (found) => coverage.showGaps(found));
  const layout = createLayout(stage, [left.host, find(".pane-right", stage)], compare);
  actions.add(
    ...reviewActions({
      drawing, store, viewer: left.viewer, gaps, selectAndFit, say, compare, walk, layout, desk, actions: () => actions,
      entityList: () => entityList, history: () => slider,
    }),
    ...deciding.actions(),
  );
  createDecideBar(find("#differences"), actions);
  showKeysWith(() => keySettings(actions));
  createOptionsBar(find("#options"), store);
  createModeBar(find("#compare-menu"), compare);
  const coverage = createCoverage(find("#coverage"), { drawing, actions, policy: detail.policy });
  const tabs = createTabs(find("#panel-tabs"), t("Panels"), [
    { id: "entities", label: t("Entities"), panel: find("#entities") },
    { id: "differences", label: t("Compare"), panel: find("#differences") },
    { id: "comments", label: t("Comments"), panel: find("#comments") },
    { id: "history", label: t("History"), panel: find("#history") },
  ]);
  const entityList = createEntityList(find("#entities"), {
    drawing, store, thumbnails: createThumbnails(left.map, left.viewer.tileSource()),
    choose: (number, fit) => (fit ? selectAndFit(number) : select(number)),
  });
  const comments = createComments(find("#comments"), {
    api, annotation: detail.id, stage: left.host, viewer: left.viewer, map: left.map, say, select,
    nameOf: (number) => left.entities.get(number).name,
    selected: () => store.state.selected,
    reveal: () => tabs.show("comments"),
    lead: desk.lead,
  });
  actions.add(...comments.actions());
  comments.onChange(() => tabs.count("comments", comments.openRows().length));
  const slider = createHistorySlider(find("#history"), {
    api, annotation: detail.id, latest: detail.revision, show: showRevision, say,
    compareWith: (number) => menu.take({ annotation: detail.id, revision: number }),
    restore: detail.can_edit ? (number) => void restoreRevision({ api, detail, number, say }) : null,
  });
  find("#history").append(verdict.pastReviews);
  const menu = await createCompareMenu(find("#compare-menu"), { api, detail, chosen: shown, choose: (place, title) => void compareWith(place, title) });
  const titles = showTitles({ detail, desk, compare, readOnly: () => store.state.readOnly });

  function afterShown() {
    gaps.reset();
    coverage.refresh();
    titles.refresh();
    comments.refreshPins();
  }

  compare.watch(["left"], desk.showLeft);
  compare.watch(["hatch", "isComparing"], () => [left, desk.right()].forEach((pane) => pane?.setHatched(compare.state.hatch && compare.state.isComparing)));
  compare.watch(["isComparing"], () => {
    tabs.offer("differences", compare.state.isComparing);
    tabs.show(compare.state.isComparing ? "differences" : "entities");
  });
  tabs.offer("differences", false);
  createStatusBar(find("#status-bar"), { map: left.map, entities: left.entities, viewer: left.viewer, store });
  keepKeyTips(document.body, actions);
  listenToKeys(actions, { hold: blinkWithTab(compare) });
  document.addEventListener("keydown", desk.lead, { capture: true });
  lookAround(desk, store, pick);
  keepInView(desk, store, compare);
  await desk.showRevision(null);
  await Promise.all([slider.ready, comments.load(), detail.review_map && verdict.canReview() && deciding.begin()]);
  if (shown) await compareWith(shown, menu.titleOf(shown));
  exposeForTests({ desk, store, compare, revision: slider.shown, list, decisions: () => decisions });
  root.dataset.ready = "true";
  find("#loading").hidden = true;
  beginAt(find("[role=application]"));
}

/** While two maps lie on each other, Tab held shows the other one; else it walks the entities. @param {import("./layout.js").CompareStore} compare */
function blinkWithTab(compare) {
  /** @type {{[key: string]: (down: boolean) => void}} */
  const hold = {};
  compare.watch(["isComparing", "mode"], () => {
    if (compare.state.isComparing && compare.state.mode === "blink") hold.tab = (down) => compare.set({ isSwapped: down });
    else delete hold.tab;
  });
  return hold;
}

/** "#3 tree | #14 bush +1". @param {import("./desk.js").Desk} desk @param {Disagreement} item */
function entitiesText(desk, { a, b }) {
  /** @param {number[]} numbers @param {(number: number) => string} nameOf */
  const side = ([first, ...rest], nameOf) => (first ? `#${first} ${nameOf(first) || t("unnamed")}${rest.length > 0 ? ` +${rest.length}` : ""}` : "–");
  return `${side(a, (number) => desk.left.entities.get(number).name)} | ${side(b, (number) => desk.right()?.entities.get(number).name ?? "")}`;
}

open().catch((error) => {
  console.error(error);
  const loading = find("#loading");
  loading.setAttribute("role", "alert");
  loading.dataset.failed = "true";
  loading.textContent = error instanceof Error ? error.message : String(error);
});
