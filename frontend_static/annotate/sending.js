/** A transaction on its way: packed, sent with a time limit, its answer read. */
import { ApiError } from "../shared/api.js";
import { deflate, encodeTransaction } from "../segmentation/transaction.js";

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
    const body = await deflate(encodeTransaction({ ...sealed, txid: String(sealed.txid), lease: lease() }));
    counters.posts++;
    counters.sentBytes += body.byteLength;
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(new DOMException("No answer", "TimeoutError")), SILENCE_MS);
    try {
      const response = await api.request(`annotations/${annotation}/transactions`, {
        method: "POST",
        body: /** @type {BodyInit} */ (body),
        headers: { "Content-Type": "application/octet-stream", "X-Body": "deflate-raw" },
        keepalive: keepalive && body.byteLength < KEEPALIVE_BYTES,
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
  let entries = await journal.all();
  while (entries[0]?.txid) {
    try {
      const { tiles, rows } = await sender.send(entries[0]);
      await journal.acknowledge(entries[0].seq, tiles, rows);
    } catch (error) {
      // Whatever it is, the first ordinary save meets it again and can ask the person.
      if (error instanceof ApiError) return entries;
      throw error;
    }
    entries = await journal.all();
  }
  return entries;
}
