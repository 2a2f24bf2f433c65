/** Deciding a disagreement: A, B, or by hand in the editor; the first decision begins the reviewer's own map. */
import { t } from "../shared/translate.js";
import { handleObstacles } from "../annotate/obstacles.js";
import { createSaveStatus } from "../annotate/panels/save_status.js";
import { find } from "../shared/dom.js";
import { openOwnMap } from "./own_map.js";

/** @typedef {import("../segmentation/disagreements.js").Disagreement} Disagreement */
/** @typedef {import("./desk.js").Desk} Desk */

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail  of the annotation under review
 * @param {Desk} parts.desk
 * @param {Pick<import("./decisions.js").Decisions, "get" | "set" | "follow">} parts.decisions
 * @param {() => Disagreement | undefined} parts.current
 * @param {() => Disagreement[]} parts.all
 * @param {import("../annotate/editor_state.js").EditorStore} parts.store
 * @param {() => boolean} parts.canReview
 * @param {() => void} parts.onBegun
 * @param {(sentence: string) => void} parts.say
 */
export function createDeciding({ api, detail, desk, decisions, current, all, store, canReview, onBegun, say }) {
  /** @type {Promise<void> | null} */
  let beginning = null;

  /** Open the own map, once. */
  function begin() {
    beginning ??= open().finally(() => desk.own() || (beginning = null));
    return beginning;
  }

  async function open() {
    const own = await openOwnMap(api, await api.post(`annotations/${detail.id}/review-map`));
    const { annotation, drawing, autosave, lease, tileVersions } = own;
    drawing.onChange(({ operation }) => decisions.follow(operation));
    const viewer = { ...desk.left.viewer, requestDraw: desk.showLeft };
    const clearAway = handleObstacles({ api, annotation, autosave, tileVersions, drawing, lease, store, viewer, stage: find("#stage"), say });
    createSaveStatus(find("#save-status"), autosave, store, clearAway);
    window.addEventListener("online", autosave.retryNow);
    window.addEventListener("pagehide", autosave.flushBeforeLeaving);
    window.addEventListener("beforeunload", (event) => {
      if (autosave.wouldLose()) event.preventDefault();
    });
    desk.useOwn(own);
    onBegun();
  }

  /** Why no decision can be made now; "" if one can. */
  function hindrance() {
    if (!canReview()) return t("Decisions are for reviewers of submitted work that they did not draw on.");
    return store.state.readOnly;
  }

  /** @param {() => Promise<void>} work */
  async function attempt(work) {
    const sentence = hindrance();
    if (sentence) {
      say(sentence);
      return;
    }
    try {
      await work();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {"A" | "B"} side */
  async function take(side) {
    const item = current();
    const [a, b] = [desk.a(), desk.b()];
    if (!item || !a || !b) {
      say(t("Choose a disagreement first: J and K walk through them."));
      return;
    }
    const isFirst = !desk.own();
    await begin();
    const own = desk.own();
    if (!own) return;
    const command = await own.decide(item, side, { a, b, all: all(), was: decisions.get(item.key) });
    if (!command) decisions.set(item.key, side);
    say(isFirst ? t("Your own map was begun as a copy; {side} is in it. The annotator's stays as it is.", { side }) : t("{side} is in your map.", { side }));
  }

  async function edit() {
    const item = current();
    await begin();
    const own = desk.own();
    if (!own) return;
    if (item) decisions.set(item.key, "edit");
    if (!(await own.autosave.settle())) throw new Error(own.autosave.status().sentence);
    const [number = 0] = item?.a ?? [];
    const place = item?.box ? `at=${item.box.join(",")}&` : "";
    location.assign(`/annotate/${own.annotation}?${place}entity=${number}`);
  }

  /** @param {"undo" | "redo"} which */
  function goBack(which) {
    const own = desk.own();
    if (!own?.drawing[which]()) say(which === "undo" ? t("Nothing to undo.") : t("Nothing to redo."));
  }

  return {
    begin: () => attempt(begin),
    /** @returns {import("../annotate/commands.js").Action[]} */
    actions: () => [
      { id: "decide.a", label: t("Take A into my map"), group: t("Decisions"), keys: ["1"], run: () => void attempt(() => take("A")) },
      { id: "decide.b", label: t("Take B into my map"), group: t("Decisions"), keys: ["2"], run: () => void attempt(() => take("B")) },
      { id: "decide.edit", label: t("Edit this place in my map"), group: t("Decisions"), keys: ["3"], run: () => void attempt(edit) },
      { id: "decide.undo", label: t("Undo the decision"), group: t("Decisions"), keys: ["ctrl+z"], run: () => void attempt(async () => goBack("undo")) },
      { id: "decide.redo", label: t("Redo the decision"), group: t("Decisions"), keys: ["ctrl+shift+z", "ctrl+y"], run: () => void attempt(async () => goBack("redo")) },
    ],
  };
}
