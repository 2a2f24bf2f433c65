/** A transaction on its way: packed, sent with a time limit, its answer read. */
import { ApiError } from "../shared/api.js";
import { deflate, encodeTransaction } from "../segmentation/transaction.js";
import { createPending } from "./pending.js";
import { inParts } from "./splitting.js";

/** @typedef {import("./journal.js").Entry} Entry */
/** @typedef {import("./journal.js").Journal} Journal */
/**
 * What the server says of a transaction it has: the versions of its tiles and rows, and the proof of the whole map.
 * @typedef {object} Answer
 * @property {Map<number, number>} tiles
 * @property {Map<number, number>} rows
 * @property {boolean} replayed  the server had it already
 * @property {{void_px: number, coverage: number, revision: number, map_sha256: string}} proof
 */
/** @typedef {ReturnType<typeof createSender>} Sender */

/** Browsers let a page that is going away send no more than this. */
const KEEPALIVE_BYTES = 60_000;
/** A server that says nothing for so long is treated as one that cannot be reached. */
const SILENCE_MS = 60_000;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {() => string | null} parts.lease
 */
export function createSender({ api, annotation, lease }) {
  const counters = { posts: 0, sentBytes: 0 };

  /**
   * @param {Entry} sealed @param {{keepalive?: boolean}} [options]
   * @returns {Promise<Answer>} once the server has it on its disk; fails with ApiError
   */
  async function send(sealed, { keepalive = false } = {}) {
    const plain = encodeTransaction({ ...sealed, txid: String(sealed.txid), lease: lease() });
    // Deflating takes a moment that a page which is going away does not have.
    const isLastWord = keepalive && plain.byteLength < KEEPALIVE_BYTES;
    const body = isLastWord ? plain : await deflate(plain);
    counters.posts++;
    counters.sentBytes += body.byteLength;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new DOMException("No answer", "TimeoutError")), SILENCE_MS);
    try {
      const response = await api.request(`annotations/${annotation}/transactions`, {
        method: "POST",
        body: /** @type {BodyInit} */ (body),
        headers: { "Content-Type": "application/octet-stream", ...(isLastWord ? {} : { "X-Body": "deflate-raw" }) },
        keepalive: isLastWord,
        signal: silence.signal,
      });
      return answerTo(sealed, await bodyOf(response));
    } finally {
      clearTimeout(timer);
    }
  }

  return { send, counters };
}

/** The answer's JSON. Cut off on its way it is no answer, and the transaction is sent again. @param {Response} response @returns {Promise<any>} */
async function bodyOf(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiError(0, {});
  }
}

/** @param {Entry} sealed @param {any} answer @returns {Answer} */
const answerTo = (sealed, answer) => ({
  tiles: new Map(Object.entries(answer.tiles).map(([t, version]) => [Number(t), Number(version)])),
  rows: new Map(sealed.entities.map(({ number }) => [number, Number(answer.revision)])),
  replayed: answer.replayed,
  proof: answer,
});

/**
 * Send again what an earlier session had under way, before the map is loaded: the server either has it or takes it now.
 * @param {Sender} sender @param {Journal} journal
 * @returns {Promise<Entry[]>} entries still to be recovered
 */
export async function resendSealed(sender, journal) {
  for (;;) {
    const entries = await journal.all();
    const head = firstTransaction(entries);
    if (!head) return entries;
    if (head !== entries[0]) await journal.seal([head]);
    try {
      const { tiles, rows } = await sender.send(head);
      await journal.acknowledge(head.seq, tiles, rows);
    } catch (error) {
      // Whatever it is, the first ordinary save meets it again and can ask the person.
      if (error instanceof ApiError) return journal.all();
      throw error;
    }
  }
}

/**
 * What comes first in the journal, as the transaction it was or would have been.
 * @param {Entry[]} entries in order
 * @returns {Entry | null} null if there is nothing, or nothing that could have been sent yet
 */
export function firstTransaction(entries) {
  const [first] = entries;
  if (!first || first.txid) return first ?? null;
  if (!first.plan) return null;
  const end = entries.findIndex(({ txid, plan }) => txid !== null || plan !== first.plan);
  const together = createPending();
  for (const entry of end < 0 ? entries : entries.slice(0, end)) together.add(entry);
  const { seq, ...contents } = together.contents();
  const parts = inParts(contents);
  return parts.length === 1 ? { annotation: first.annotation, seq, txid: first.plan, ...parts[0] } : null;
}
