/** Opening the editor: lease, journal, map, panels, in the order that loses nothing. */
import { createApi } from "../shared/api.js";
import { find } from "../shared/dom.js";
import { parseBundle, mapOfBundle } from "../segmentation/bundle.js";
import { mapSha256 } from "../segmentation/digest.js";
import { createAutosave, resendSealed } from "./autosave.js";
import { createColours } from "./colours.js";
import { createDrawing } from "./drawing.js";
import { createEditor } from "./editor.js";
import { createEditorStore } from "./editor_state.js";
import { createEntities } from "./entities.js";
import { openJournal } from "./journal.js";
import { createLease } from "./lease.js";
import { createNumbers } from "./numbers.js";
import { handleObstacles } from "./obstacles.js";
import { createSaveStatus } from "./panels/save_status.js";
import { createViewer } from "./viewer.js";
import { createVocabulary } from "./vocabulary.js";

/** Why an annotation that is not editable is not. @type {Record<string, string>} */
const NOT_EDITABLE = {
  submitted: "Submitted: waiting for review.",
  accepted: "Accepted: this annotation is finished.",
  frozen: "A model's proposal: it can be looked at, not changed.",
};

/** @param {Record<string, any>} detail @returns {{sentence: string, canTakeOver: boolean} | null} null if this person may edit */
function obstacleTo(detail) {
  const sentence = NOT_EDITABLE[detail.state];
  if (sentence) return { sentence, canTakeOver: false };
  if (!detail.can_edit || !detail.assignment) return { sentence: "You may look at this annotation, not change it.", canTakeOver: false };
  const { lease_holder: holder, lease_expires_at: expires } = detail.assignment;
  const isAlive = expires && new Date(expires) > new Date();
  if (holder && isAlive && holder !== document.body.dataset.user) return { sentence: `${holder} is working on this image now.`, canTakeOver: true };
  return null;
}

async function open() {
  const root = find("#editor");
  const annotation = Number(root.dataset.annotation);
  const api = createApi();
  const detail = await api.get(`annotations/${annotation}`);
  const store = createEditorStore(annotation);
  const lease = createLease({ api, annotation, assignment: detail.assignment?.id ?? 0 });
  const obstacle = obstacleTo(detail);
  if (obstacle) store.set({ readOnly: obstacle.sentence, canTakeOver: obstacle.canTakeOver });
  else {
    const answer = await lease.acquire();
    if (!answer.held) store.set({ readOnly: answer.sentence, canTakeOver: true });
  }
  const journal = await openJournal(annotation);
  const isEditing = !store.state.readOnly;
  const entries = isEditing ? await resendSealed(api, annotation, journal, lease.token()) : [];

  const vocabulary = createVocabulary({ api, project: detail.project });
  const [bundle, masks] = await Promise.all([
    api.request(`annotations/${annotation}/bundle`).then((response) => response.arrayBuffer()),
    api.get(`annotations/${annotation}/masks`),
    vocabulary.load(),
  ]);
  const parsed = parseBundle(bundle);
  const map = mapOfBundle(parsed);
  const entities = createEntities(masks.results);
  for (const { tiles, entities: rows } of entries) {
    for (const { t, state } of tiles) map.install(t, state);
    entities.recover(rows, (id) => vocabulary.all().find((term) => term.id === id)?.name ?? "");
  }
  const colours = createColours(map, entities);
  const freshlyColoured = colours.chooseMissing();
  const drawing = createDrawing(map, entities, colours.forEntity);
  const proof = () => mapSha256(map.width, map.height, [...map.tiles]);
  const autosave = createAutosave({ api, annotation, journal, tileVersions: parsed.versions, entities, lease: lease.token, proof });
  const numbers = createNumbers({ api, annotation });
  if (isEditing) {
    if (entries.length > 0) autosave.recover(entries);
    numbers.ensure().catch(() => {});
    // Ask the browser not to clear the journal when the disk gets full.
    navigator.storage?.persist?.().catch(() => {});
  }
  drawing.onChange((change) => {
    // Colours chosen at loading travel with the first real change: opening an image saves nothing.
    const more = freshlyColoured.splice(0);
    autosave.record({ ...change, entities: [...new Set([...change.entities, ...more])] });
  });

  const viewer = createViewer({
    host: find("#stage"),
    imageHost: find("#image"),
    navigatorHost: find("#navigator"),
    map,
    dziUrl: detail.image.dzi_url,
    prefer: new URLSearchParams(location.search).get("layer"),
  });
  await viewer.opened;
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
  const act = handleObstacles({ api, annotation, autosave, drawing, lease, store, viewer, say: editor.say });
  createSaveStatus(find("#save-status"), autosave, act);
  rememberPlace(viewer, annotation);
  if (entries.length > 0) editor.say("Recovered changes that had not been saved.");
  window.addEventListener("online", autosave.retryNow);
  window.addEventListener("pagehide", autosave.flushBeforeLeaving);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") autosave.flushBeforeLeaving();
  });
  window.addEventListener("beforeunload", (event) => {
    if (autosave.wouldLose()) event.preventDefault();
  });
  expose(editor, proof);
  root.dataset.ready = "true";
  find("#loading").hidden = true;
}

/** Come back to where one was. @param {import("./viewer.js").Viewer} viewer @param {number} annotation */
function rememberPlace(viewer, annotation) {
  const key = `tessera.view.${annotation}`;
  const kept = localStorage.getItem(key);
  if (kept) viewer.place(JSON.parse(kept));
  let timer = 0;
  viewer.onMoved(() => {
    clearTimeout(timer);
    timer = setTimeout(() => localStorage.setItem(key, JSON.stringify(viewer.placement())), 400);
  });
}

/**
 * A read-only view for tests and benchmarks.
 * @param {import("./editor.js").Editor} editor @param {() => Promise<string>} proof
 */
function expose(editor, proof) {
  const { drawing, autosave, viewer, store } = editor;
  Object.defineProperty(window, "tessera", {
    value: Object.freeze({
      mapSha256: proof,
      saveStatus: autosave.status,
      isSaved: autosave.isClean,
      counters: () => ({ ...autosave.counters, ...viewer.stats, handlerTimes: [...editor.handlerTimes] }),
      state: () => ({ ...store.state }),
      area: (/** @type {number} */ number) => drawing.map.area[number],
      numbers: () => drawing.map.numbers(),
      numberAt: drawing.map.get,
      entity: (/** @type {number} */ number) => ({ ...drawing.entities.get(number) }),
      history: drawing.history.depth,
      memory: drawing.map.memory,
      clientOf: viewer.clientOf,
      scale: viewer.scale,
      renderer: viewer.layer.kind,
      idAt: viewer.layer.idAt,
      view: viewer.view,
      loseContext: viewer.layer.loseContext,
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
