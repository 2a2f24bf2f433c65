/** The editor put together: state, canvas, tools and panels around one drawing. */
import { find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { keyChoice } from "../shell/preferences.js";
import { showKeysWith } from "../shell/settings.js";
import { addActions } from "./actions.js";
import { canvasActions } from "./canvas_actions.js";
import { createCandidates } from "./ai_candidates.js";
import { createBench } from "./bench.js";
import { createActions } from "./commands.js";
import { MAX_RADIUS, MIN_RADIUS, whyFixed } from "./editor_state.js";
import { returnFocusTo } from "./focus.js";
import { createGapGiving } from "./gap_giving.js";
import { createGaps, gapSettings } from "./gaps.js";
import { keepKeyTips } from "./key_tips.js";
import { listenToKeys } from "./keymap.js";
import { highlightChosen } from "./highlight.js";
import { createNamingStep } from "./naming_step.js";
import { createDeciding } from "./model_actions.js";
import { drawHoverLabel } from "./hover_label.js";
import { createKeyboardCursor } from "./keyboard_cursor.js";
import { listenToPointer } from "./pointer.js";
import { createProposals } from "./proposals.js";
import { createProposalsLayer } from "./proposals_layer.js";
import { scaleOf, toDevice } from "./render/view.js";
import { createEditorComments } from "./editor_comments.js";
import { createSubmission } from "./submit.js";
import { numberAt } from "./tools/tool.js";
import { GAP_ROOM } from "./walk_actions.js";
import { createPixelWorker } from "./pixels/pixel_worker.js";
import { createToolSettings } from "./tool_settings.js";
import { createTools } from "./tools/registry.js";
import { createCoverage } from "./panels/coverage.js";
import { createEntityDetails } from "./panels/entity_details.js";
import { createEntityList } from "./panels/entity_list.js";
import { createHeader } from "./panels/header.js";
import { keySettings } from "./panels/key_settings.js";
import { showHelp } from "./panels/help.js";
import { createNames } from "./panels/names.js";
import { createNotices } from "./panels/notices.js";
import { createOptionsBar } from "./panels/options_bar.js";
import { createProposalsPanel } from "./panels/proposals.js";
import { createReturnedNote } from "./panels/returned_note.js";
import { createTaskNote } from "./panels/task_note.js";
import { createStatusBar } from "./panels/status_bar.js";
import { createThumbnails } from "./panels/thumbnails.js";
import { createToolbar } from "./panels/toolbar.js";
import { createTouchBar } from "./panels/touch_bar.js";
import { createToolNote } from "./panels/tool_note.js";

/** @typedef {ReturnType<typeof createEditor>} Editor */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail  GET annotations/{id}
 * @param {import("./drawing.js").Drawing} parts.drawing
 * @param {import("./editor_state.js").EditorStore} parts.store
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {ReturnType<typeof import("./colours.js").createColours>} parts.colours
 * @param {import("./numbers.js").Numbers} parts.numbers
 * @param {import("./autosave.js").Autosave} parts.autosave
 * @param {import("./vocabulary.js").Vocabulary} parts.vocabulary
 * @param {() => string | null} parts.lease
 * @param {() => void} parts.takeOver
 * @param {() => void} parts.onSubmitted
 */
export function createEditor(parts) {
  const { api, detail, drawing, store, viewer, colours, numbers, autosave, vocabulary, lease, takeOver, onSubmitted } = parts;
  const { map, entities } = drawing;
  const stage = find("#stage");
  const { say } = createNotices(stage, store, takeOver);
  const actions = createActions({ mayEdit: ({ keepsMap }) => !(keepsMap ? store.state.readOnly : whyFixed(store.state)), refuse: (sentence) => say(whyFixed(store.state) || sentence), stopGesture, step: () => store.state.step, choice: keyChoice() });
  const pixels = createPixelWorker(map, viewer.tileSource);
  const settings = createToolSettings(store);
  const candidates = createCandidates({ api, annotation: detail.id });
  const proposals = createProposals({ api, annotation: detail.id, drawing, numbers, say });
  const bench = createBench({ drawing, store, viewer, numbers, colours, pixels, settings, candidates, proposals, select, choose, toggle, say });
  const deciding = createDeciding({ proposals, bench, numbers, viewer });
  const tools = createTools(bench);
  settings.declare([...gapSettings(detail.policy), ...tools.flatMap((tool) => tool.settings ?? [])]);
  const namingStep = createNamingStep({ api, detail, drawing, store, vocabulary, autosave, order: () => entityList.shown(), toNext: toNextUnnamed, say });
  const { naming } = namingStep;
  const submission = createSubmission({
    api, annotation: detail.id, project: detail.project, policy: detail.policy, autosave, naming, lease, say, onSubmitted, original: detail.original,
    showGap: ({ bbox: [x, y, w, h] }) => {
      stepTo("masks");
      store.set({ gaps: true });
      viewer.fit([x, y, x + w - 1, y + h - 1], GAP_ROOM);
      void gaps.chooseAt([x, y, x + w - 1, y + h - 1]);
    },
    showEntity: (number) => {
      stepTo("names");
      selectAndFit(number);
    },
    describe: (number) => t("#{number} {name}, {area} px", { number, name: entities.get(number).name || t("unnamed"), area: map.area[number] }),
  });
  const handlerTimes = /** @type {number[]} */ ([]);
  /** @type {import("./tools/tool.js").Tool | null} */
  let inHand = null;
  let isSpaceDown = false;
  let isSpaceHeld = false;
  /** Whoever has taken a tool in hand keeps it. */
  let hasChosenTool = false;

  const currentTool = () => tools.find(({ id }) => id === store.state.tool) ?? tools[0];

  function stopGesture() {
    if (!currentTool().isBusy?.()) return false;
    currentTool().cancel?.();
    viewer.requestDraw();
    return true;
  }

  function takeInHand() {
    if (inHand === currentTool()) return;
    inHand?.leave?.();
    inHand = currentTool();
    store.set({ note: "" });
    inHand.enter?.();
  }

  /** @param {string} id */
  function chooseTool(id) {
    hasChosenTool = true;
    stopGesture();
    const hindrance = tools.find((tool) => tool.id === id)?.edits && store.state.lockedMap;
    if (hindrance) say(hindrance);
    else store.set({ tool: id });
    refreshView();
  }

  /** @param {number} number */
  function select(number) {
    const next = number > 0 && number <= 65000 ? number : 0;
    if (next === store.state.selected) return;
    store.set({ previous: store.state.selected || store.state.previous, selected: next });
  }

  /** What was chosen on the canvas is named next, where names are given. */
  const nameNext = () => store.state.step === "names" && store.state.selected > 0 && names.focus();

  /** @param {number[]} numbers @param {boolean} more */
  function choose(numbers, more) {
    namingStep.chosen.these(numbers, { more });
    nameNext();
  }

  /** @param {number} number */
  function toggle(number) {
    namingStep.chosen.toggle(number);
    nameNext();
  }

  /** @param {number} number */
  function selectAndFit(number) {
    select(number);
    const box = map.boxOf(number);
    if (box) viewer.fit(box);
  }

  function startEntity() {
    const number = bench.newNumber();
    if (number === null) return false;
    select(number);
    say(t("New entity #{number}: paint it.", { number }));
    return true;
  }

  function toNextUnnamed() {
    const next = namingStep.next();
    namingStep.chosen.only(next || store.state.selected);
    if (next && store.state.autoFit) selectAndFit(next);
    if (!next) say(t("Every entity has a name."));
    names.focus();
  }

  /** @param {"masks" | "names"} step */
  function stepTo(step) {
    stopGesture();
    store.set({ step, tool: step === "names" || store.state.lockedMap ? "select" : store.state.tool === "select" ? "brush" : store.state.tool });
    if (step === "masks") {
      stage.focus();
      return;
    }
    const next = namingStep.next(0);
    if (!store.state.selected && next) selectAndFit(next);
    namingStep.begin();
    names.focus();
  }

  const gaps = createGaps(drawing, (list) => coverage.showGaps(list), () => bench.ask("gaps", { locked: bench.locked() }));
  const giving = createGapGiving({ bench, gaps, store });
  const editor = {
    api, lease, detail, drawing, store, viewer, colours, settings, autosave, vocabulary, actions, bench, tools, gaps, giving, naming, namingStep, submission, say,
    currentTool, stopGesture, chooseTool, select, selectAndFit, startEntity, stepTo, refreshView, handlerTimes,
    stepToNames: () => stepTo("names"),
    // Tab walks the entities on the canvas, so there is another way out of it.
    leaveCanvas: () => find("#tools [aria-pressed=true]").focus(),
    showHelp: () => void showHelp(actions),
    proposals, deciding, proposalsPanel: () => proposalsPanel,
    entityList: () => entityList,
    names: () => names,
  };
  addActions(editor);
  const keyboard = createKeyboardCursor({ stage, viewer, store, map, tool: currentTool, mayUse, onMove: moveCursor, describe: (point) => describeNumber(numberAt(map, point)) });
  actions.add(...keyboard.actions(), ...canvasActions(editor));
  createTouchBar(stage, store, actions);
  showKeysWith(() => keySettings(actions));
  createReturnedNote(find("#returned"), detail);
  createTaskNote(find("#task"), detail);
  createEditorComments(editor, find("#comments"));
  createToolbar(find("#tools"), tools, store, chooseTool, actions);
  createToolNote(stage, store);
  createOptionsBar(find("#options"), store, { tools, settings, actions });
  createHeader(find("#editor-controls"), editor);
  const coverage = createCoverage(find("#coverage"), { drawing, actions, policy: detail.policy, gaps, settings });
  const thumbnails = createThumbnails(map, viewer.tileSource());
  const entityList = createEntityList(find("#entities"), {
    drawing, store, thumbnails, chosen: namingStep.chosen,
    choose: (number, fit) => {
      namingStep.chosen.only(number);
      if (fit) selectAndFit(number);
    },
  });
  const names = createNames(find("#naming"), { drawing, store, vocabulary, step: namingStep, actions, api, image: detail.image.id, thumbnails, leave: () => stage.focus() });
  createEntityDetails(find("#entity-details"), { drawing, store });
  const proposalsPanel = createProposalsPanel(find("#proposals"), { proposals, actions, mayEdit: () => !whyFixed(store.state), ...deciding });
  const proposalsLayer = createProposalsLayer(proposals, viewer);
  createStatusBar(find("#status-bar"), { map, entities, viewer, store });
  keepKeyTips(document.body, actions);

  /** Where nothing is drawn yet, the model's proposals are what one begins with. */
  async function openProposals() {
    await proposals.list().catch(console.error);
    const hasBegun = hasChosenTool || map.numbers().length > 0 || currentTool().isBusy?.();
    if (proposals.prediction() && !hasBegun && !whyFixed(store.state)) chooseTool("proposals");
  }

  /** @param {import("./tools/tool.js").Tool} tool */
  function mayUse(tool) {
    stage.focus({ preventScroll: true });
    const hindrance = tool.edits ? whyFixed(store.state) : "";
    if (hindrance) say(hindrance);
    return !hindrance;
  }

  /** @param {import("../segmentation/raster.js").Point | null} point */
  function moveCursor(point) {
    store.set({ cursor: point, hover: point ? numberAt(map, point) : 0 });
  }

  /** @param {number} number */
  const describeNumber = (number) => (number === 0 ? t("unlabelled") : `#${number} ${entities.get(number).name || t("unnamed")}`);

  const pointsAtEntities = (/** @type {string} */ tool) => ["select", "merge", "bucket", "split", "adjust"].includes(tool);

  function refreshView() {
    const { fill, outline, selected, hover, solo, gaps: hatched, tool, hidden, step, chosen, patterns, dimImage } = store.state;
    viewer.layer.setHidden(hidden);
    viewer.show({ fill, outline, selected, patterns, hover: pointsAtEntities(tool) ? hover : 0, solo: solo ? selected : 0, dim: step === "names" && chosen.length < 2, gaps: hatched });
    viewer.dimImage(dimImage);
    viewer.hud.style.cursor = isSpaceDown ? "grab" : currentTool().cursor;
    find("#naming").hidden = step !== "names";
  }

  viewer.setHud((pen, view) => {
    const { cursor } = store.state;
    /** @type {import("./tools/tool.js").HudView} */
    const hudView = {
      toDevice: ([x, y]) => toDevice(view, x + 0.5, y + 0.5),
      scale: scaleOf(view),
      cursor: isSpaceDown ? null : cursor,
    };
    proposalsLayer.draw(pen);
    giving.draw(pen, hudView);
    currentTool().draw?.(pen, hudView);
    keyboard.draw(pen, hudView);
    const { hover, tool } = store.state;
    if (hudView.cursor && hover > 0 && pointsAtEntities(tool)) drawHoverLabel(pen, hudView.toDevice(hudView.cursor), describeNumber(hover), viewer.pixelRatio());
  });
  viewer.onMoved(() => currentTool().viewMoved?.());
  entities.onChange((changed) => {
    const repainted = changed.filter(colours.paint);
    if (repainted.length > 0) viewer.layer.setPalette(colours.rgba, repainted);
    viewer.requestDraw();
  });
  drawing.onChange(() => viewer.requestDraw());
  store.watch(["readOnly"], () => {
    if (whyFixed(store.state) && currentTool().edits) chooseTool("select");
  });
  store.watch(["fill", "outline", "selected", "hover", "solo", "gaps", "tool", "hidden", "step", "chosen", "patterns", "dimImage"], refreshView);
  store.watch(["tool"], takeInHand);
  listenToPointer({
    viewer,
    tool: currentTool,
    isPanning: () => isSpaceDown,
    mayUse,
    pick: (point) => select(numberAt(map, point)),
    onMove(point) {
      keyboard.leave();
      moveCursor(point);
    },
    fingerPans: () => store.state.fingerPans,
    tap: (fingers) => actions.run(fingers === 2 ? "edit.undo" : "edit.redo"),
    resizeBrush: (change) => store.set({ radius: Math.max(MIN_RADIUS, Math.min(MAX_RADIUS, change(store.state.radius))) }),
    measure: (ms) => {
      handlerTimes.push(ms);
      if (handlerTimes.length > 5000) handlerTimes.splice(0, 2500);
    },
  });
  listenToKeys(actions, {
    hold: {
      space: (down) => {
        const isFirst = down && !isSpaceHeld;
        isSpaceHeld = down;
        if (down && keyboard.isActive()) {
          if (isFirst) keyboard.space();
          return;
        }
        isSpaceDown = down;
        refreshView();
      },
    },
  });
  returnFocusTo(stage, "#tools, #options, #coverage, #editor-controls [role=group]");
  colours.paintAll();
  viewer.layer.setPalette(colours.rgba);
  highlightChosen({ drawing, store, viewer, rgba: colours.rgba });
  if (whyFixed(store.state) && currentTool().edits) chooseTool("select");
  find("#coverage").hidden = store.state.lockedMap !== "";
  refreshView();
  takeInHand();
  if (store.state.lockedMap && !store.state.readOnly) stepTo("names");
  else if (store.state.step === "names") namingStep.begin();
  void openProposals();
  return editor;
}
