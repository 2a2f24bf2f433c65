/** Everything a person can do in the editor, with its keys. */
import { t } from "../shared/translate.js";
import { openSettings } from "../shell/settings.js";
import { MAX_RADIUS, MIN_RADIUS } from "./editor_state.js";
import { giveBackActions } from "./give_back_action.js";
import { PAINT_MODES } from "./paint_modes.js";
import { namingActions } from "./naming_actions.js";
import { modelActions } from "./model_actions.js";
import { savingActions } from "./saving_actions.js";
import { shapeActions } from "./shape_actions.js";
import { viewActions } from "./view_actions.js";
import { walkActions } from "./walk_actions.js";

/** @typedef {import("./commands.js").Action} Action */
/** @typedef {import("./editor.js").Editor} Editor */

/** @param {Editor} editor */
export function addActions(editor) {
  editor.actions.add(...toolActions(editor), ...strokeActions(editor), ...entityActions(editor), ...walkActions(editor));
  editor.actions.add(...shapeActions(editor), ...viewActions(editor), ...namingActions(editor), ...workActions(editor), ...savingActions(editor), ...giveBackActions(editor), ...modelActions(editor));
}

/** @param {Editor} editor @returns {Action[]} */
function toolActions({ tools, chooseTool, store }) {
  /** @param {number} factor @param {number} more */
  const resize = (factor, more) =>
    store.set({ radius: Math.max(MIN_RADIUS, Math.min(MAX_RADIUS, store.state.radius * factor + more)) });
  return [
    ...tools.map((tool) => ({ id: `tool.${tool.id}`, label: tool.label, group: t("Tools"), keys: tool.keys, run: () => chooseTool(tool.id) })),
    { id: "brush.smaller", label: t("Smaller brush"), group: t("Tools"), keys: ["["], run: () => resize(0.85, -0.5) },
    { id: "brush.larger", label: t("Larger brush"), group: t("Tools"), keys: ["]"], run: () => resize(1.18, 0.5) },
    {
      id: "paint.mode",
      label: t("Next paint-over mode"),
      group: t("Tools"),
      keys: ["t"],
      run: () => {
        const at = PAINT_MODES.findIndex(({ id }) => id === store.state.paintMode);
        store.set({ paintMode: PAINT_MODES[(at + 1) % PAINT_MODES.length].id });
      },
    },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function strokeActions({ drawing, currentTool, stopGesture, say, viewer, stepToNames, leaveCanvas }) {
  /** @param {"finish" | "cancel" | "stepBack"} what */
  const tell = (what) => () => {
    currentTool()[what]?.();
    viewer.requestDraw();
  };
  const isBusy = () => currentTool().isBusy?.() ?? false;

  /** Accepting one after the other, a person must not end up in the naming field for one press too many. */
  function finish() {
    if (isBusy()) tell("finish")();
    else if (currentTool().keepsEnter) say(currentTool().hint);
    else stepToNames();
  }

  /** In the middle of a gesture, undo takes back the gesture. */
  function undo() {
    if (!stopGesture() && !drawing.undo()) say(t("Nothing to undo."));
  }
  return [
    { id: "edit.undo", label: t("Undo"), group: t("Edit"), keys: ["ctrl+z"], edits: true, keepsMap: true, endsGesture: true, everywhere: true, run: undo },
    { id: "edit.redo", label: t("Redo"), group: t("Edit"), keys: ["ctrl+shift+z", "ctrl+y"], edits: true, keepsMap: true, everywhere: true, run: () => drawing.redo() ?? say(t("Nothing to redo.")) },
    { id: "stroke.finish", label: t("Close the outline; else name the entity"), group: t("Edit"), keys: ["enter"], run: finish },
    { id: "stroke.cancel", label: t("Cancel the stroke or outline; else leave the canvas"), group: t("Edit"), keys: ["esc"], run: () => (isBusy() ? tell("cancel")() : leaveCanvas()) },
    { id: "stroke.back", label: t("Take back the last corner"), group: t("Edit"), keys: ["backspace"], enabled: isBusy, run: tell("stepBack") },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function entityActions({ drawing, store, select, startEntity, chooseTool, say }) {
  const { map, entities } = drawing;
  const hasSelection = () => store.state.selected > 0;

  function remove() {
    const { selected } = store.state;
    if (entities.get(selected).locked) {
      say(t("Entity #{number} is locked.", { number: selected }));
      return;
    }
    drawing.run({ tool: "delete", number: selected }, map.relabel([selected], 0));
    select(0);
  }

  return [
    { id: "entity.new", label: t("New entity"), group: t("Entities"), keys: ["n"], edits: true, run: () => startEntity() && chooseTool("brush") },
    { id: "entity.swap", label: t("Swap active and previous entity"), group: t("Entities"), keys: ["x"], run: () => select(store.state.previous) },
    { id: "entity.delete", label: t("Delete the entity (to unlabelled)"), group: t("Entities"), keys: ["del"], edits: true, enabled: hasSelection, run: remove },
    { id: "entity.lock", label: t("Lock or unlock"), group: t("Entities"), keys: ["alt+l"], enabled: hasSelection, run: () => entities.update(store.state.selected, { locked: !entities.get(store.state.selected).locked }) },
  ];
}

/** @param {Editor} editor @returns {Action[]} */
function workActions({ autosave, submission, showHelp, detail }) {
  return [
    { id: "work.review", label: t("Open the review page"), group: t("Work"), keys: ["f4"], everywhere: true, enabled: () => detail.can_review || detail.original !== null, run: () => location.assign(`/review/${detail.original?.id ?? detail.id}`) },
    { id: "work.save", label: t("Save now"), group: t("Work"), keys: ["ctrl+s"], everywhere: true, run: () => void autosave.settle() },
    { id: "work.submit", label: t("Submit"), group: t("Work"), keys: ["ctrl+enter"], edits: true, keepsMap: true, run: () => void submission.submit() },
    { id: "work.help", label: t("All keys"), group: t("Work"), keys: ["f1"], everywhere: true, run: showHelp },
    { id: "work.settings", label: t("Settings and keys"), group: t("Work"), keys: ["shift+f1"], everywhere: true, run: () => void openSettings("keys") },
  ];
}
