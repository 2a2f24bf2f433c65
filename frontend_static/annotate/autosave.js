/**
 * Saving without being asked: every gesture goes to the journal at once and to the server soon after.
 *
 * At most one transaction is under way. It is sealed in the journal before it is sent and deleted after the server has
 * answered, so that a lost answer, a crash or a dead battery costs nothing and applies nothing twice.
 */
import { ApiError } from "../shared/api.js";
import { canHash } from "../segmentation/digest.js";
import { deflate, encodeTransaction } from "../segmentation/transaction.js";
import { createPending } from "./pending.js";
import { createSignal } from "./store.js";
import { newUuid } from "./uuid.js";

/** @typedef {import("./journal.js").Entry} Entry */
/** @typedef {ReturnType<typeof createAutosave>} Autosave */
/** @typedef {{t: number, version: number}[]} StaleTiles */
/** @typedef {{number: number, version: number}[]} StaleEntities */
/** @typedef {"saved" | "waiting" | "saving" | "offline" | "conflict" | "refused" | "lease_lost" | "logged_out" | "frozen" | "differs"} SaveState */
/** @typedef {{state: SaveState, tiles: number, sentence: string}} SaveStatus */

const IDLE_MS = 700;
const FLUSH_BYTES = 2 * 1024 * 1024;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;
/** Browsers let a page that is going away send no more than this. */
const KEEPALIVE_BYTES = 60_000;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {import("./journal.js").Journal} parts.journal
 * @param {Uint32Array} parts.tileVersions  as loaded; kept up to date here
 * @param {import("./entities.js").Entities} parts.entities
 * @param {() => string | null} parts.lease
 * @param {() => Promise<string>} parts.proof  map_sha256 of the map as it is now
 */
export function createAutosave({ api, annotation, journal, tileVersions, entities, lease, proof }) {
  const open = createPending();
  /** @type {Entry | null} sealed: under way, or to be sent again */
  let batch = null;
  let sequence = 0;
  let isSending = false;
  /** The journal could not be written: what is not on the server is in this page only. */
  let isAtRisk = false;
  /** Set while a person has to decide something; nothing is sent until then. @type {SaveState | null} */
  let halted = null;
  let sentence = "";
  let retryMs = FIRST_RETRY_MS;
  let retries = 0;
  let timer = 0;
  const counters = { posts: 0, sentBytes: 0, replays: 0, saves: 0 };
  /** @type {ReturnType<typeof createSignal<SaveStatus>>} */
  const statusChanged = createSignal();
  /** @type {ReturnType<typeof createSignal<{tiles: StaleTiles, entities: StaleEntities}>>} */
  const conflicted = createSignal();
  /** @type {ReturnType<typeof createSignal<{void_px: number, coverage: number, revision: number}>>} */
  const saved = createSignal();

  /** @returns {SaveStatus} */
  function status() {
    const tiles = new Set([...open.tiles.keys(), ...(batch?.tiles.map(({ t }) => t) ?? [])]).size;
    return { state: stateNow(), tiles, sentence };
  }

  /** @returns {SaveState} */
  function stateNow() {
    if (halted) return halted;
    if (retries > 0) return "offline";
    if (isSending) return "saving";
    return isClean() ? "saved" : "waiting";
  }

  const isClean = () => !batch && open.isEmpty();
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
      tiles: change.tiles.map(({ t, state }) => ({ t, base: tileVersions[t], state })),
      entities: change.entities.map((number) => entities.rowOf(number)),
      ops: [change.operation],
    };
    open.add(entry);
    journal.append(entry).catch((error) => {
      isAtRisk = true;
      sentence = "This computer's disk takes no more: stay on this page until everything is saved.";
      console.error(error);
      tell();
    });
    tell();
    schedule(open.bytes() > FLUSH_BYTES ? 0 : IDLE_MS);
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
      batch ??= await seal();
      await send(batch, false);
    } catch (error) {
      failed(error);
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

  /** @returns {Promise<Entry>} everything open, under one transaction id, on the disk */
  async function seal() {
    const contents = open.contents();
    /** @type {Entry} */
    const sealed = { annotation, txid: newUuid(), ...withBases(contents) };
    open.clear();
    batch = sealed;
    await journal.seal(sealed).catch((error) => {
      isAtRisk = true;
      console.error(error);
    });
    return sealed;
  }

  /** What is open starts from the versions known now: an answer may have come since it was recorded. @template {{tiles: any[], entities: any[]}} T @param {T} contents @returns {T} */
  const withBases = (contents) => ({
    ...contents,
    tiles: contents.tiles.map((row) => ({ ...row, base: tileVersions[row.t] })),
    entities: contents.entities.map((row) => ({ ...row, base: entities.get(row.number).version })),
  });

  /** @param {Entry} sealed @param {boolean} keepalive */
  async function send(sealed, keepalive) {
    const plain = encodeTransaction({ ...sealed, txid: String(sealed.txid), lease: lease() });
    const body = await deflate(plain);
    counters.posts++;
    counters.sentBytes += body.byteLength;
    // What the server should hold afterwards, unless more has been painted meanwhile.
    const expected = open.isEmpty() && canHash() ? await proof() : null;
    const response = await api.request(`annotations/${annotation}/transactions`, {
      method: "POST",
      body: /** @type {BodyInit} */ (body),
      headers: { "Content-Type": "application/octet-stream", "X-Body": "deflate-raw" },
      keepalive: keepalive && body.byteLength < KEEPALIVE_BYTES,
    });
    await accepted(sealed, await response.json(), expected);
  }

  /** @param {Entry} sealed @param {any} answer @param {string | null} expected */
  async function accepted(sealed, answer, expected) {
    const tiles = new Map(Object.entries(answer.tiles).map(([t, version]) => [Number(t), Number(version)]));
    const rows = new Map(sealed.entities.map(({ number }) => [number, Number(answer.revision)]));
    for (const [t, version] of tiles) tileVersions[t] = version;
    entities.setVersions(rows);
    batch = null;
    retries = 0;
    retryMs = FIRST_RETRY_MS;
    sentence = "";
    counters.saves++;
    if (answer.replayed) counters.replays++;
    if (isClean()) isAtRisk = false;
    // If the disk fails here, the next visit sends the transaction again and hears that it is known.
    await journal.acknowledge(sealed.seq, tiles, rows).catch(console.error);
    saved.emit(answer);
    if (expected && !answer.replayed && expected !== answer.map_sha256) {
      halt("differs", "The server holds a different map than this screen. Reload to see what is saved.");
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    if (!(error instanceof ApiError)) {
      console.error(error);
      halt("refused", error instanceof Error ? error.message : String(error));
      return;
    }
    const { status: code, message, body } = error;
    if (code === 0 || code >= 500 || code === 429) retryLater(message);
    else if (code === 401 || body.code === "not_authenticated") halt("logged_out", message);
    else if (code === 423) halt("lease_lost", message);
    else if (code === 409 && body.code === "stale") {
      halt("conflict", message);
      conflicted.emit({ tiles: body.conflict ?? [], entities: body.entities ?? [] });
    } else if (code === 409) halt("frozen", message);
    else halt("refused", message);
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
    await flush();
  }

  /**
   * Keep what is here: the next save starts from the versions the server has.
   * @param {StaleTiles} tiles @param {StaleEntities} rows
   */
  async function keepMine(tiles, rows) {
    for (const { t, version } of tiles) tileVersions[t] = version;
    entities.setVersions(new Map(rows.map(({ number, version }) => [number, version])));
    if (batch) batch = withBases(batch);
    await rewriteJournal();
    await resume();
  }

  /**
   * Let go of what conflicts; the caller has put the server's tiles and rows in place.
   * @param {StaleTiles} tiles @param {StaleEntities} rows
   * @param {Set<number>} revived entities deleted here that have pixels again in the tiles taken
   */
  async function takeTheirs(tiles, rows, revived) {
    const lostTiles = new Set(tiles.map(({ t }) => t));
    const lostRows = new Set(rows.map(({ number }) => number));
    for (const { t, version } of tiles) {
      tileVersions[t] = version;
      open.tiles.delete(t);
    }
    for (const number of lostRows) open.entities.delete(number);
    /** @param {import("../segmentation/transaction.js").EntityRow} row */
    const withLife = (row) => (revived.has(row.number) ? { ...row, deleted: false } : row);
    for (const [number, row] of open.entities) open.entities.set(number, withLife(row));
    if (batch) {
      batch = {
        ...batch,
        // Applied in part, it is another transaction than the one the server refused.
        txid: newUuid(),
        tiles: batch.tiles.filter(({ t }) => !lostTiles.has(t)),
        entities: batch.entities.filter(({ number }) => !lostRows.has(number)).map(withLife),
      };
      if (batch.tiles.length === 0 && batch.entities.length === 0) batch = null;
    }
    await rewriteJournal();
    await resume();
  }

  /** @returns {Promise<void>} */
  function rewriteJournal() {
    open.renumber(++sequence);
    const rest = open.isEmpty() ? [] : [{ annotation, txid: null, ...open.contents() }];
    return journal.replace([...(batch ? [batch] : []), ...rest]);
  }

  /**
   * Take over what an earlier session left in the journal; its tiles must be in the map already.
   * @param {Entry[]} entries
   */
  function recover(entries) {
    for (const entry of entries) {
      sequence = Math.max(sequence, entry.seq);
      // What was sealed before anything else may be on the server already, so it is sent again as it is.
      if (entry.txid && !batch && open.isEmpty()) batch = entry;
      else open.add(entry);
    }
    // Edited from these versions: if the server has gone on since, it will say so rather than be overwritten.
    for (const { t, base } of open.tiles.values()) tileVersions[t] = base;
    entities.setVersions(new Map([...open.entities.values()].map(({ number, base }) => [number, base])));
    tell();
    schedule(0);
  }

  /** Last words of a page that is being hidden or closed. */
  function flushBeforeLeaving() {
    if (isSending || halted || isClean()) return;
    isSending = true;
    (batch ? Promise.resolve(batch) : seal())
      .then((sealed) => send(sealed, true))
      .catch(failed)
      .finally(sent);
  }

  return {
    record,
    flush,
    settle,
    flushBeforeLeaving,
    resume,
    recover,
    keepMine,
    takeTheirs,
    status,
    isClean,
    /** Whether leaving the page now would lose something. */
    wouldLose: () => isAtRisk && !isClean(),
    /** Try now what was to be tried later. */
    retryNow() {
      if (retries === 0 || halted) return;
      retryMs = FIRST_RETRY_MS;
      flush();
    },
    counters,
    onStatus: statusChanged.on,
    onConflict: conflicted.on,
    onSaved: saved.on,
  };
}

/**
 * Send again what an earlier session had under way, before the map is loaded: the server either has it or takes it now.
 * @param {import("../shared/api.js").Api} api @param {number} annotation @param {import("./journal.js").Journal} journal
 * @param {string | null} lease
 * @returns {Promise<Entry[]>} entries still to be recovered
 */
export async function resendSealed(api, annotation, journal, lease) {
  const entries = await journal.all();
  const sealed = entries.find(({ txid }) => txid);
  if (!sealed) return entries;
  try {
    const body = await deflate(encodeTransaction({ ...sealed, txid: String(sealed.txid), lease }));
    const response = await api.request(`annotations/${annotation}/transactions`, {
      method: "POST",
      body: /** @type {BodyInit} */ (body),
      headers: { "Content-Type": "application/octet-stream", "X-Body": "deflate-raw" },
    });
    const answer = await response.json();
    const tiles = new Map(Object.entries(answer.tiles).map(([t, version]) => [Number(t), Number(version)]));
    const rows = new Map(sealed.entities.map(({ number }) => [number, Number(answer.revision)]));
    await journal.acknowledge(sealed.seq, tiles, rows);
    return journal.all();
  } catch (error) {
    // Whatever it is, the first ordinary save meets it again and can ask the person.
    if (error instanceof ApiError) return entries;
    throw error;
  }
}
