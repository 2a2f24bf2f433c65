/** Everything a person can do in the editor, with its keys. */
import { MAX_RADIUS, MIN_RADIUS } from "./editor_state.js";
import { PAINT_MODES } from "./paint_modes.js";
import { QUICK_NAMES } from "./naming.js";
import { giveGapAt } from "./tools/bucket.js";

/** @typedef {import("./commands.js").Action} Action */
/** @typedef {import("./editor.js").Editor} Editor */

const GAP_ROOM = 2.5;
const ROTATION_STEP = 15;

/** @param {Editor} editor */
export function addActions(editor) {
  editor.actions.add(...toolActions(editor), ...strokeActions(editor), ...entityActions(editor), ...gapActions(editor));
  editor.actions.add(...viewActions(editor), ...nameActions(editor), ...workActions(editor));
}

/** @param {Editor} editor @returns {Action[]} */
function toolActions({ tools, chooseTool, store }) {
  /** @param {number} factor @param {number} more */
  const resize = (factor, more) =>
    store.set({ radius: Math.max(MIN_RADIUS, Math.min(MAX_RADIUS, store.state.radius * factor + more)) });
  return [
    ...tools.map((tool) => ({ id: `tool.${tool.id}`, label: tool.label, group: "Tools", keys: tool.keys, run: () => chooseTool(tool.id) })),
    { id: "brush.smaller", label: "Smaller brush", group: "Tools", keys: ["["], run: () => resize(0.85, -0.5) },
    { id: "brush.larger", label: "Larger brush", group: "Tools", keys: ["]"], run: () => resize(1.18, 0.5) },
    {
      id: "paint.mode",
      label: "Next paint-over mode",
      group: "Tools",
      keys: ["t"],
      run: () => {
        const at = PAINT_MODES.findIndex(({ id }) => id === store.state.paintMode);
        store.set({ paintMode: PAINT_MODES[(at + 1) % PAINT_MODES.length].id });
      },
    },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function strokeActions({ drawing, currentTool, say, viewer, stepToNames }) {
  /** @param {"finish" | "cancel" | "stepBack"} what */
  const tell = (what) => () => {
    currentTool()[what]?.();
    viewer.requestDraw();
  };
  const isBusy = () => currentTool().isBusy?.() ?? false;
  return [
    { id: "edit.undo", label: "Undo", group: "Edit", keys: ["ctrl+z"], edits: true, everywhere: true, run: () => drawing.undo() ?? say("Nothing to undo.") },
    { id: "edit.redo", label: "Redo", group: "Edit", keys: ["ctrl+shift+z", "ctrl+y"], edits: true, everywhere: true, run: () => drawing.redo() ?? say("Nothing to redo.") },
    { id: "stroke.finish", label: "Close the outline; else name the entity", group: "Edit", keys: ["enter"], run: () => (isBusy() ? tell("finish")() : stepToNames()) },
    { id: "stroke.cancel", label: "Cancel the stroke or outline", group: "Edit", keys: ["esc"], run: tell("cancel") },
    { id: "stroke.back", label: "Take back the last corner", group: "Edit", keys: ["backspace"], enabled: isBusy, run: tell("stepBack") },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function entityActions({ drawing, store, viewer, select, startEntity, chooseTool, entityList, say }) {
  const { map, entities } = drawing;
  const hasSelection = () => store.state.selected > 0;

  function fitSelected() {
    const box = map.boxOf(store.state.selected);
    if (box) viewer.fit(box);
  }

  function remove() {
    const { selected } = store.state;
    if (entities.get(selected).locked) {
      say(`Entity #${selected} is locked.`);
      return;
    }
    drawing.run({ tool: "delete", number: selected }, map.relabel([selected], 0));
    select(0);
  }

  /** @param {1 | -1} direction */
  const walk = (direction) => () => {
    select(entityList().neighbour(direction));
    fitSelected();
  };
  return [
    { id: "entity.new", label: "New entity", group: "Entities", keys: ["n"], edits: true, run: () => startEntity() && chooseTool("brush") },
    { id: "entity.swap", label: "Swap active and previous entity", group: "Entities", keys: ["x"], run: () => select(store.state.previous) },
    { id: "entity.delete", label: "Delete the entity (to unlabelled)", group: "Entities", keys: ["del"], edits: true, enabled: hasSelection, run: remove },
    { id: "entity.lock", label: "Lock or unlock", group: "Entities", keys: ["shift+l"], enabled: hasSelection, run: () => entities.update(store.state.selected, { locked: !entities.get(store.state.selected).locked }) },
    { id: "entity.next", label: "Next entity", group: "Entities", keys: ["tab"], run: walk(1) },
    { id: "entity.previous", label: "Previous entity", group: "Entities", keys: ["shift+tab"], run: walk(-1) },
    { id: "entity.fit", label: "Fit the entity", group: "View", keys: ["f"], enabled: hasSelection, run: fitSelected },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function gapActions({ gaps, viewer, store, bench, say }) {
  /** @param {1 | -1} direction */
  const step = (direction) => () => {
    const found = gaps.step(direction);
    if (!found) {
      say("No gaps: the whole image is covered.");
      return;
    }
    store.set({ gaps: true });
    viewer.fit(found.gap.box, GAP_ROOM);
    say(`Gap ${found.place} of ${found.count}: ${found.gap.area.toLocaleString("en")} px`);
  };

  function fill() {
    const { cursor } = store.state;
    const underCursor = cursor && bench.map.get(Math.round(cursor[0]), Math.round(cursor[1])) === 0;
    const gap = gaps.current();
    if (underCursor && isInside(bench.map, cursor)) giveGapAt(bench, [Math.round(cursor[0]), Math.round(cursor[1])]);
    else if (gap) giveGapAt(bench, gap.point);
    else say("No gaps: the whole image is covered.");
  }
  return [
    { id: "gap.next", label: "Next gap", group: "Gaps", keys: ["j"], run: step(1) },
    { id: "gap.previous", label: "Previous gap", group: "Gaps", keys: ["shift+j"], run: step(-1) },
    { id: "gap.fill", label: "Give the gap to its neighbour", group: "Gaps", keys: ["shift+g"], edits: true, run: fill },
    { id: "gap.hatch", label: "Hatch gaps", group: "Gaps", keys: ["u"], run: () => store.set({ gaps: !store.state.gaps }) },
  ];
}

/** @param {import("../segmentation/label_map.js").LabelMap} map @param {import("../segmentation/raster.js").Point} point */
const isInside = (map, [x, y]) => x > -0.5 && y > -0.5 && x < map.width - 0.5 && y < map.height - 0.5;

/** @param {Editor} editor @returns {Action[]} */
function viewActions({ viewer, store, refreshView }) {
  let lastFill = 0.42;
  /** @param {number} more */
  const fade = (more) => () => store.set({ fill: Math.max(0, Math.min(1, Math.round((store.state.fill + more) * 100) / 100)) });

  function toggleFill() {
    if (store.state.fill > 0) lastFill = store.state.fill;
    store.set({ fill: store.state.fill > 0 ? 0 : lastFill });
  }
  return [
    { id: "view.fit", label: "Fit the image", group: "View", keys: ["0"], run: viewer.fitImage },
    { id: "view.actual", label: "100 %", group: "View", keys: ["1"], run: () => viewer.zoomTo(1) },
    { id: "view.in", label: "Zoom in", group: "View", keys: ["+", "="], run: () => viewer.zoomBy(1.5) },
    { id: "view.out", label: "Zoom out", group: "View", keys: ["-"], run: () => viewer.zoomBy(1 / 1.5) },
    { id: "view.rotate", label: "Rotate the view", group: "View", keys: ["r"], run: () => viewer.rotateBy(ROTATION_STEP) },
    { id: "view.upright", label: "Reset the rotation", group: "View", keys: ["shift+r"], run: viewer.resetRotation },
    { id: "view.outline", label: "Outlines only", group: "View", keys: ["o"], run: toggleFill },
    { id: "view.less", label: "Less opacity", group: "View", keys: [","], run: fade(-0.1) },
    { id: "view.more", label: "More opacity", group: "View", keys: ["."], run: fade(0.1) },
    { id: "view.solo", label: "Only the active entity", group: "View", keys: ["s"], run: () => store.set({ solo: !store.state.solo }) },
    { id: "view.hide", label: "Hide or show all masks", group: "View", keys: ["shift+h"], run: () => { store.set({ hidden: !store.state.hidden }); refreshView(); } },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function nameActions({ naming, vocabulary, names, store, stepTo }) {
  const inNames = () => store.state.step === "names" && store.state.selected > 0;
  /** @type {Action[]} */
  const recent = Array.from({ length: 9 }, (_, i) => ({
    id: `name.recent.${i + 1}`,
    label: `Recent name ${i + 1}`,
    group: "Names",
    keys: [`alt+${i + 1}`],
    edits: true,
    everywhere: true,
    enabled: () => inNames() && vocabulary.recent().length > i,
    run: () => naming.withTerm(vocabulary.recent()[i]),
  }));
  return [
    ...QUICK_NAMES.map(({ key, name, label }) => ({
      id: `name.${name}`, label, group: "Names", keys: [key], edits: true, everywhere: true, enabled: inNames, run: () => naming.withText(name),
    })),
    { id: "name.other", label: "…_other: some other kind of a supercategory", group: "Names", keys: ["alt+o"], edits: true, everywhere: true, enabled: inNames, run: () => names().startOther() },
    ...recent,
    { id: "step.masks", label: "Step Masks", group: "Work", keys: ["f2"], everywhere: true, run: () => stepTo("masks") },
    { id: "step.names", label: "Step Names", group: "Work", keys: ["f3"], everywhere: true, run: () => stepTo("names") },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function workActions({ autosave, submission, showHelp, detail }) {
  return [
    { id: "work.review", label: "Open the review page", group: "Work", keys: ["f4"], everywhere: true, enabled: () => detail.can_review, run: () => location.assign(`/review/${detail.id}`) },
    { id: "work.save", label: "Save now", group: "Work", keys: ["ctrl+s"], everywhere: true, run: () => void autosave.settle() },
    { id: "work.submit", label: "Submit", group: "Work", keys: ["ctrl+enter"], edits: true, run: () => void submission.submit() },
    { id: "work.help", label: "All keys", group: "Work", keys: ["f1"], everywhere: true, run: showHelp },
  ];
}
