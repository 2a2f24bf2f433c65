/** The body of a save: what changed, in one piece that is applied whole or not at all. */

/** @typedef {import("./tiles.js").TileState} TileState */
/**
 * An entity's row as it travels; `base` is the version of the row that the client knows, 0 if it is new.
 * `source` says which prediction it was taken from, and whether a person has changed its pixels since.
 * @typedef {{number: number, term: number | null, raw_name: string, colour: number, deleted: boolean, base: number,
 *   source?: {annotation: number, number: number, score: number, edited: boolean}}} EntityRow
 */
/** @typedef {{t: number, base: number, state: TileState}} TileRow */
/** @typedef {{tool: string, number: number, ms: number, [field: string]: unknown}} Operation */
/** @typedef {{txid: string, lease: string | null, entities: EntityRow[], ops: Operation[], tiles: TileRow[]}} Transaction */

/**
 * @param {Transaction} transaction
 * @returns {Uint8Array} u32 header length | header JSON | pad to an even offset | runs of the mixed tiles
 */
export function encodeTransaction({ txid, lease, entities, ops, tiles }) {
  const header = new TextEncoder().encode(
    JSON.stringify({
      txid,
      lease,
      entities,
      ops,
      tiles: tiles.map(({ t, base, state }) => ({ t, base, uni: state.uni, n: state.runs?.length ?? 0 })),
    }),
  );
  const runBytes = tiles.reduce((sum, { state }) => sum + (state.runs?.byteLength ?? 0), 0);
  const start = 4 + header.length + (header.length & 1);
  const bytes = new Uint8Array(start + runBytes);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  let offset = start;
  for (const { state } of tiles) {
    if (!state.runs) continue;
    bytes.set(new Uint8Array(state.runs.buffer, state.runs.byteOffset, state.runs.byteLength), offset);
    offset += state.runs.byteLength;
  }
  return bytes;
}

/**
 * @param {Uint8Array} bytes as `encodeTransaction` makes them
 * @returns {Transaction}
 */
export function decodeTransaction(bytes) {
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerBytes)));
  let offset = 4 + headerBytes + (headerBytes & 1);
  /** @type {TileRow[]} */
  const tiles = header.tiles.map((/** @type {{t: number, base: number, uni: number, n: number}} */ row) => {
    const runs = row.uni >= 0 ? null : new Uint16Array(bytes.slice(offset, offset + 2 * row.n).buffer);
    offset += runs?.byteLength ?? 0;
    return { t: row.t, base: row.base, state: { uni: row.uni, runs } };
  });
  return { ...header, tiles };
}

/** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} raw deflate, for `X-Body: deflate-raw` */
export async function deflate(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
