/**
 * Saving without being asked: every gesture goes to the journal at once and to the server soon after.
 *
 * What is to be sent is sealed in the journal first, as one transaction or, if that would be too large, as several; one
 * at a time is under way, and each is deleted after the server has answered. So a lost answer, a crash or a dead battery
 * costs nothing and applies nothing twice.
 */
import { ApiError } from "../shared/api.js";
import { t } from "../shared/translate.js";
import { canHash } from "../segmentation/digest.js";
import { createPending } from "./pending.js";
import { LIMITS, inParts } from "./splitting.js";
import { createSignal } from "./store.js";
import { newUuid } from "./uuid.js";

/** @typedef {import("./journal.js").Entry} Entry */
/** @typedef {ReturnType<typeof createAutosave>} Autosave */
/** @typedef {"saved" | "waiting" | "saving" | "offline" | "conflict" | "refused" | "lease_lost" | "logged_out" | "frozen" | "differs"} SaveState */
/** isAtRisk: this computer's disk keeps nothing, so that closing the page would lose what is not saved.
 * @typedef {{state: SaveState, tiles: number, sentence: string, isAtRisk: boolean}} SaveStatus */
/**
 * The server's state that further saves start from.
 * @typedef {object} NewBase
 * @property {ArrayLike<number>} tileVersions  of every tile
 * @property {Map<number, number>} rowVersions
 * @property {Iterable<number>} dropTiles  not to be saved any more: the server's content is taken
 * @property {Iterable<number>} dropRows
 */

const IDLE_MS = 700;
const FLUSH_BYTES = 2 * 1024 * 1024;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

/** @param {Entry} entry */
const isDivisible = ({ tiles, entities }) => tiles.length > 1 || entities.length > 1;

/**
 * @param {object} parts
 * @param {number} parts.annotation
 * @param {import("./sending.js").Sender} parts.sender
 * @param {import("./journal.js").Journal} parts.journal
 * @param {Uint32Array} parts.tileVersions  as loaded; kept up to date here
 * @param {import("./entities.js").Entities} parts.entities
 * @param {() => Promise<string>} parts.proof  map_sha256 of the map as it is now
 */
export function createAutosave({ annotation, sender, journal, tileVersions, entities, proof }) {
  const open = createPending();
  /** Sealed: the first is under way or to be sent again, the others follow it. @type {Entry[]} */
  let batches = [];
  let sequence = 0;
  /** The id under which what is open will be sent. The journal knows it before, so that even the last words of a page
   * that is closed, whose sealing the disk may not see any more, are recognised when they are sent again. */
  let plan = newUuid();
  let isSending = false;
  /** The journal could not be written: what is not on the server is in this page only. */
  let isDiskRefusing = false;
  /** Set while a person has to decide something; nothing is sent until then. @type {SaveState | null} */
  let halted = null;
  let sentence = "";
  let retryMs = FIRST_RETRY_MS;
  let retries = 0;
  let timer = 0;
  let limits = LIMITS;
  /** Since the last success the server's state has been compared for an entity that it does not know. */
  let hasLookedForEntity = false;
  const counters = { replays: 0, saves: 0, gestures: 0, kept: 0 };
  /** @type {ReturnType<typeof createSignal<SaveStatus>>} */
  const statusChanged = createSignal();
  /** The server holds something else than this page expects. @type {ReturnType<typeof createSignal<SaveState>>} */
  const disagreed = createSignal();
  /** @type {ReturnType<typeof createSignal<import("./sending.js").Answer["proof"]>>} */
  const saved = createSignal();

  const isAtRisk = () => !journal.isLasting || isDiskRefusing;

  /** @returns {SaveStatus} */
  function status() {
    return { state: stateNow(), tiles: pendingTiles().size, sentence, isAtRisk: isAtRisk() };
  }

  const pendingTiles = () => new Set([...open.tiles.keys(), ...batches.flatMap(({ tiles }) => tiles.map(({ t }) => t))]);
  const pendingRows = () => new Set([...open.entities.keys(), ...batches.flatMap((batch) => batch.entities.map(({ number }) => number))]);

  /** @returns {SaveState} */
  function stateNow() {
    if (halted) return halted;
    if (retries > 0) return "offline";
    if (isSending) return "saving";
    return isClean() ? "saved" : "waiting";
  }

  const isClean = () => batches.length === 0 && open.isEmpty();
  /** @type {(() => void)[]} */
  let waiting = [];

  function tell() {
    statusChanged.emit(status());
    if (isSending) return;
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  /** @param {SaveState} state @param {string} why */
  function halt(state, why) {
    halted = state;
    sentence = why;
    clearTimeout(timer);
    tell();
  }

  /** @param {unknown} error of the journal */
  function diskRefused(error) {
    console.error(error);
    if (isDiskRefusing) return;
    isDiskRefusing = true;
    tell();
    schedule(0);
  }

  /**
   * Take in one change: to the journal now, to the server soon.
   * @param {import("./drawing.js").Change} change
   */
  function record(change) {
    /** @type {Entry} */
    const entry = {
      annotation,
      seq: ++sequence,
      txid: null,
      plan,
      tiles: change.tiles.map(({ t, state }) => ({ t, base: tileVersions[t], state })),
      entities: change.entities.map((number) => entities.rowOf(number)),
      ops: [change.operation],
    };
    open.add(entry);
    counters.gestures++;
    journal.append(entry).then(() => counters.kept++, diskRefused);
    tell();
    schedule(isAtRisk() || open.bytes() > FLUSH_BYTES ? 0 : IDLE_MS);
  }

  /** @param {number} ms */
  function schedule(ms) {
    if (halted || retries > 0) return;
    clearTimeout(timer);
    timer = setTimeout(flush, ms);
  }

  /** Send what there is; resolves when that is done or has failed. */
  async function flush() {
    clearTimeout(timer);
    if (isSending || halted || isClean()) return;
    isSending = true;
    tell();
    try {
      if (batches.length === 0) await seal();
      await send(batches[0], false);
    } catch (error) {
      await failed(error);
    }
    sent();
  }

  /** One transaction is done with, well or badly; what came meanwhile is next. */
  function sent() {
    isSending = false;
    tell();
    if (!isClean()) schedule(0);
  }

  /** Save everything there is; resolves when that is done, or when it cannot be done now. @returns {Promise<boolean>} whether all is saved */
  async function settle() {
    while (!isClean() && !halted && retries === 0) {
      if (isSending) await new Promise((/** @type {(value?: unknown) => void} */ next) => waiting.push(next));
      else await flush();
    }
    return isClean();
  }

  /** Everything open, under a transaction id, or several if it is much. @returns {Promise<void>} once it is on the disk */
  function seal() {
    const { seq, ...contents } = open.contents();
    open.clear();
    const parts = inParts(withBases(contents), limits);
    batches = parts.map((part, i) => ({ annotation, seq: seq + i, txid: parts.length === 1 ? plan : newUuid(), ...part }));
    plan = newUuid();
    sequence = Math.max(sequence, seq + batches.length - 1);
    return journal.seal(batches).catch(diskRefused);
  }

  /** The opposite of sealing, for transactions that the server has refused: they are open again, before what came later. */
  function unseal() {
    const later = open.contents();
    open.clear();
    for (const batch of batches) open.add(batch);
    open.add(later);
    batches = [];
    plan = newUuid();
  }

  /** What is open starts from the versions known now: an answer may have come since it was recorded. @template {{tiles: any[], entities: any[]}} T @param {T} contents @returns {T} */
  const withBases = (contents) => ({
    ...contents,
    tiles: contents.tiles.map((row) => ({ ...row, base: tileVersions[row.t] })),
    entities: contents.entities.map((row) => ({ ...row, base: entities.get(row.number).version })),
  });

  /** @param {Entry} sealed @param {boolean} keepalive */
  async function send(sealed, keepalive) {
    // What the server should hold afterwards, unless more is to come.
    const expected = open.isEmpty() && batches.length === 1 && canHash() ? proof() : null;
    const answer = await sender.send(sealed, { keepalive });
    for (const [t, version] of answer.tiles) tileVersions[t] = version;
    entities.setVersions(answer.rows);
    batches = batches.slice(1);
    retries = 0;
    retryMs = FIRST_RETRY_MS;
    sentence = "";
    hasLookedForEntity = false;
    counters.saves++;
    if (answer.replayed) counters.replays++;
    // If the disk fails here, the next visit sends the transaction again and hears that it is known.
    await journal.acknowledge(sealed.seq, answer.tiles, answer.rows).then(diskTakes, diskRefused);
    saved.emit(answer.proof);
    if (expected && !answer.replayed && (await expected) !== answer.proof.map_sha256) {
      halt("differs", t("The server holds a different map than this screen. Reload to see what is saved."));
      disagreed.emit("differs");
    }
  }

  function diskTakes() {
    if (isClean()) isDiskRefusing = false;
  }

  /** @param {unknown} error */
  async function failed(error) {
    if (!(error instanceof ApiError)) {
      console.error(error);
      halt("refused", error instanceof Error ? error.message : String(error));
      return;
    }
    const { status: code, message, body } = error;
    if (code === 0 || code >= 500 || code === 429 || code === 408) retryLater(message);
    else if (code === 413 && isDivisible(batches[0])) await sealSmaller(batches[0]);
    else if (code === 401 || body.code === "not_authenticated") halt("logged_out", message);
    else if (code === 423) halt("lease_lost", message);
    else if (code === 409 && body.code === "stale") {
      halt("conflict", message);
      disagreed.emit("conflict");
    } else if (code === 409) halt("frozen", message);
    else if (body.code === "unknown_entity" && !hasLookedForEntity) {
      // Saved before, unknown now: the server may have gone back to a backup.
      hasLookedForEntity = true;
      halt("differs", message);
      disagreed.emit("differs");
    } else halt("refused", message);
  }

  /** Too large for the server, or for what stands before it: the same again in quarters. @param {Entry} refused */
  async function sealSmaller({ tiles, entities: rows }) {
    const runBytes = tiles.reduce((sum, { state }) => sum + (state.runs?.byteLength ?? 0), 0);
    limits = { ...limits, runBytes: runBytes >> 2, rows: Math.ceil(rows.length / 4) || limits.rows };
    unseal();
    await seal();
  }

  /** @param {string} why */
  function retryLater(why) {
    retries++;
    sentence = why;
    clearTimeout(timer);
    timer = setTimeout(flush, retryMs);
    retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
  }

  /** The obstacle is gone (logged in, lease taken): go on. */
  async function resume() {
    halted = null;
    sentence = "";
    retries = 0;
    tell();
    await flush();
  }

  /**
   * Go on from the server's state as it is now. Nothing is sent before `resume`.
   * @param {NewBase} base
   */
  function startFrom({ tileVersions: versions, rowVersions, dropTiles, dropRows }) {
    tileVersions.set(versions);
    entities.setVersions(rowVersions);
    // What the server has refused it does not have, so it may go under another transaction id.
    unseal();
    for (const t of dropTiles) open.tiles.delete(t);
    for (const number of dropRows) open.entities.delete(number);
  }

  /** Put what is to be saved in place of all that the journal holds. @returns {Promise<void>} */
  function rewriteJournal() {
    open.renumber(++sequence);
    const rest = open.isEmpty() ? [] : [{ annotation, txid: null, plan, ...withBases(open.contents()) }];
    return journal.replace([...batches, ...rest]).catch(diskRefused);
  }

  /**
   * Take over what an earlier session left in the journal; its tiles must be in the map already.
   * @param {Entry[]} entries
   */
  function recover(entries) {
    for (const entry of entries) {
      sequence = Math.max(sequence, entry.seq);
      // What was sealed before anything else may be on the server already, so it is sent again as it is.
      if (entry.txid && open.isEmpty()) batches.push(entry);
      else open.add(entry);
    }
    // Edited from these versions: if the server has gone on since, it will say so rather than be overwritten.
    for (const { t, base } of open.tiles.values()) tileVersions[t] = base;
    entities.setVersions(new Map([...open.entities.values()].map(({ number, base }) => [number, base])));
    tell();
    schedule(0);
  }

  /** Last words of a page that is being hidden or closed: nothing here may wait, not even for the disk. */
  function flushBeforeLeaving() {
    if (isSending || halted || isClean()) return;
    isSending = true;
    if (batches.length === 0) void seal();
    send(batches[0], true).catch(failed).finally(sent);
  }

  return {
    record,
    flush,
    settle,
    flushBeforeLeaving,
    resume,
    recover,
    startFrom,
    rewriteJournal,
    status,
    isClean,
    pendingTiles,
    pendingRows,
    /** Everything that is not saved, as the journal has it. @returns {Entry[]} */
    unsaved: () => [...batches, ...(open.isEmpty() ? [] : [{ annotation, txid: null, ...open.contents() }])],
    /** Let go of everything that is not saved. */
    async setAside() {
      halted = "refused";
      open.clear();
      batches = [];
      await journal.replace([]);
    },
    /** Whether this browser has a disk for the journal at all. */
    isLasting: journal.isLasting,
    /** Whether leaving the page now would lose something. */
    wouldLose: () => isAtRisk() && !isClean(),
    /** Try now what was to be tried later. */
    retryNow() {
      if (retries === 0 || halted) return;
      retryMs = FIRST_RETRY_MS;
      flush();
    },
    get counters() {
      return { ...sender.counters, ...counters };
    },
    onStatus: statusChanged.on,
    onDisagreement: disagreed.on,
    onSaved: saved.on,
  };
}
