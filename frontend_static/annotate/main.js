/** Opening the editor: lease, journal, map, panels, in the order that loses nothing. */
import { createApi } from "../shared/api.js";
import { find } from "../shared/dom.js";
import { idle } from "../shared/idle.js";
import { t } from "../shared/translate.js";
import { parseBundle, mapOfBundle } from "../segmentation/bundle.js";
import { canHash, digestAhead, mapSha256 } from "../segmentation/digest.js";
import { createAutosave } from "./autosave.js";
import { createColours } from "./colours.js";
import { createDrawing } from "./drawing.js";
import { createEditor } from "./editor.js";
import { createEffort } from "./effort.js";
import { createEditorStore } from "./editor_state.js";
import { createEntities } from "./entities.js";
import { goWhereAsked } from "./editor_comments.js";
import { exposeForTests } from "./expose.js";
import { beginAt } from "./focus.js";
import { opening } from "./opening.js";
import { openJournalOrNone } from "./journal.js";
import { keepHistory } from "./kept_history.js";
import { createLease } from "./lease.js";
import { createNumbers } from "./numbers.js";
import { handleObstacles } from "./obstacles.js";
import { rememberPlace } from "./place.js";
import { createSender, resendSealed } from "./sending.js";
import { createSaveStatus } from "./panels/save_status.js";
import { createViewer } from "./viewer.js";
import { createVocabulary } from "./vocabulary.js";

/** Why an annotation in such a state is not editable. @type {Record<string, string>} */
const NOT_EDITABLE = {
  submitted: t("Submitted: waiting for review."),
  accepted: t("Accepted: this annotation is finished."),
  replaced: t("Corrected by a reviewer, whose map was accepted."),
  frozen: t("A model's proposal: it can be looked at, not changed."),
};

const NAMES_ONLY = t("These masks are finished: only names are asked for.");

/** @typedef {import("../shared/api.js").Api} Api */
/** @typedef {import("./journal.js").Entry} Entry */
/** @typedef {{sentence: string, canTakeOver: boolean, isOtherPerson?: boolean}} Hindrance */

/** @param {Record<string, any>} detail @returns {Hindrance | null} null if this person may edit */
function hindranceIn(detail) {
  const sentence = NOT_EDITABLE[detail.state];
  if (sentence) return { sentence, canTakeOver: false };
  if (!detail.can_edit || !detail.assignment) return { sentence: t("You may look at this annotation, not change it."), canTakeOver: false };
  const { lease_holder: holder, lease_expires_at: expires } = detail.assignment;
  const isAlive = expires && new Date(expires) > new Date();
  if (holder && isAlive && holder !== document.body.dataset.user) return { sentence: t("{person} is working on this image now.", { person: holder }), canTakeOver: true, isOtherPerson: true };
  return null;
}

/** Take the right to write, if there is no hindrance. @param {Record<string, any>} detail @param {import("./lease.js").Lease} lease @returns {Promise<Hindrance | null>} */
async function acquire(detail, lease) {
  const hindrance = hindranceIn(detail);
  if (hindrance) return hindrance;
  const answer = await lease.acquire();
  return answer.held ? null : { sentence: answer.sentence, canTakeOver: true };
}

/**
 * The map and its entities as the server has them, with what an earlier session left unsaved on top.
 * @param {import("./vocabulary.js").Vocabulary} vocabulary loaded @param {Entry[]} unsaved
 */
async function load(vocabulary, unsaved) {
  const { bundle, masks } = await opening.stateNow();
  const parsed = parseBundle(bundle);
  const map = mapOfBundle(parsed);
  const entities = createEntities(masks);
  const nameOf = (/** @type {number} */ term) => vocabulary.all().find(({ id }) => id === term)?.name ?? "";
  for (const { tiles, entities: rows } of unsaved) {
    for (const { t, state } of tiles) map.install(t, state);
    entities.recover(rows, nameOf);
  }
  return { map, entities, tileVersions: parsed.versions };
}

async function open() {
  const root = find("#editor");
  const annotation = Number(root.dataset.annotation);
  const api = createApi();
  const detail = await opening.detail;
  const vocabulary = createVocabulary({ api, project: detail.project, annotation: detail.id });
  const terms = vocabulary.load();
  const store = createEditorStore(annotation);
  const lease = createLease({ api, annotation, assignment: detail.assignment?.id ?? 0 });
  const hindrance = await acquire(detail, lease);
  if (detail.task.locked_map) store.set({ lockedMap: NAMES_ONLY, step: "names", tool: "select", selected: 0 });
  if (hindrance) store.set({ readOnly: hindrance.sentence, canTakeOver: hindrance.canTakeOver });
  lease.onFreed((sentence) => store.set({ readOnly: sentence, canTakeOver: true }));
  if (hindrance?.canTakeOver) lease.watch(hindrance.isOtherPerson === true);
  const journal = await openJournalOrNone(annotation);
  const sender = createSender({ api, annotation, lease: lease.token });
  const unsaved = hindrance ? [] : await resendSealed(sender, journal);
  if (hindrance?.isOtherPerson && (await journal.all()).length > 0) {
    store.set({ readOnly: `${hindrance.sentence} ${t("Changes of yours that are not saved are kept on this computer.")}` });
  }
  await terms;
  const { map, entities, tileVersions } = await load(vocabulary, unsaved);

  const colours = createColours(map, entities);
  /** @type {number[]} */
  const freshlyColoured = [];
  const drawing = createDrawing(map, entities, colours.forEntity);
  const proof = () => mapSha256(map.width, map.height, [...map.tiles]);
  const autosave = createAutosave({ annotation, sender, journal, tileVersions, entities, proof });
  const numbers = createNumbers({ api, annotation, isUsed: entities.has });
  const ready = hindrance ? null : prepareToWrite(numbers);
  if (unsaved.length > 0) autosave.recover(unsaved);
  const effort = createEffort();
  effort.listen(document);
  drawing.onChange((change) => {
    const cost = effort.of(change);
    entities.addEffort(change.operation.number, cost);
    // Colours chosen at loading travel with the first real change: opening an image saves nothing.
    const rows = [...new Set([...change.entities, ...freshlyColoured.splice(0)])];
    autosave.record({ ...change, entities: rows, operation: { ...change.operation, ...cost } });
  });

  const viewer = createViewer({
    host: find("#stage"), imageHost: find("#image"), navigatorHost: find("#navigator"), map,
    dziUrl: detail.image.dzi_url, descriptor: await opening.image, prefer: new URLSearchParams(location.search).get("layer"),
  });
  await Promise.all([viewer.opened, ready]);
  const editor = createEditor({
    api, detail, drawing, store, viewer, colours, numbers, autosave, vocabulary,
    lease: lease.token,
    takeOver: async () => {
      const answer = await lease.acquire({ steal: true });
      if (answer.held) location.reload();
      else editor.say(answer.sentence);
    },
    onSubmitted: () => {
      lease.stop();
      store.set({ readOnly: NOT_EDITABLE.submitted, canTakeOver: false });
    },
  });
  const clearAway = handleObstacles({ api, annotation, autosave, tileVersions, drawing, lease, store, viewer, stage: find("#stage"), say: editor.say });
  createSaveStatus(find("#save-status"), autosave, store, clearAway);
  saveWhenLeaving(autosave);
  rememberPlace(viewer, annotation);
  goWhereAsked(editor);
  exposeForTests(editor, proof);
  colours.chooseMissing().then((numbers) => freshlyColoured.push(...numbers), console.error);
  if (unsaved.length > 0) editor.say(t("Recovered changes that had not been saved."));
  root.dataset.ready = "true";
  find("#loading").hidden = true;
  beginAt(find("#stage"));
  if (canHash()) digestAhead([...map.tiles], idle).catch(console.error);
  // Undo of an earlier visit comes after the first moment of work, which it must not delay.
  if (!hindrance) await keepUndo(annotation, drawing);
}

/** @param {number} annotation @param {import("./drawing.js").Drawing} drawing */
async function keepUndo(annotation, drawing) {
  try {
    const kept = await keepHistory(annotation, drawing);
    window.addEventListener("pagehide", kept.write);
  } catch (error) {
    console.warn("Undo is not kept across reloads.", error);
  }
}

/**
 * Numbers are leased before the first key is listened to: without one, "new entity" could do nothing, and a quick person's first
 * strokes would be lost. They serve new entities while offline, too. Where the lease fails, the first new entity asks again.
 * @param {import("./numbers.js").Numbers} numbers
 */
function prepareToWrite(numbers) {
  // Ask the browser not to clear the journal when the disk gets full.
  navigator.storage?.persist?.().catch(() => {});
  return numbers.ensure().catch(() => {});
}

/** @param {import("./autosave.js").Autosave} autosave */
function saveWhenLeaving(autosave) {
  window.addEventListener("online", autosave.retryNow);
  window.addEventListener("pagehide", autosave.flushBeforeLeaving);
  window.addEventListener("beforeunload", (event) => {
    if (autosave.wouldLose()) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") autosave.flushBeforeLeaving();
  });
}

open().catch((error) => {
  console.error(error);
  const loading = find("#loading");
  loading.setAttribute("role", "alert");
  loading.dataset.failed = "true";
  loading.textContent = error instanceof Error ? error.message : String(error);
});
