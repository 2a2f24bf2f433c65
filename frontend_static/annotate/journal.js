/**
 * What has not been saved yet, on this computer's disk: written before the server is asked, deleted after it has answered.
 *
 * An entry is one gesture. Before sending, entries are sealed into one that bears the transaction's id, so that the same
 * transaction is sent again after a lost answer or a crash and the server can tell that it has it.
 */

const DATABASE = "tessera-journal";
const STORE = "entries";

/** @typedef {import("../segmentation/transaction.js").TileRow} TileRow */
/** @typedef {import("../segmentation/transaction.js").EntityRow} EntityRow */
/**
 * @typedef {object} Entry
 * @property {number} annotation
 * @property {number} seq  order of the entries of one annotation
 * @property {string | null} txid  of a sealed entry
 * @property {string} [plan]  of an open one: the id it is to be sent under, if it goes in one piece
 * @property {TileRow[]} tiles  with the version that the edit started from
 * @property {EntityRow[]} entities
 * @property {import("../segmentation/transaction.js").Operation[]} ops
 */
/** @typedef {Omit<Awaited<ReturnType<typeof openJournal>>, "isLasting"> & {isLasting: boolean}} Journal */

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** @param {number} annotation */
async function openJournal(annotation) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: ["annotation", "seq"] });
  const database = await result(opening);
  const own = IDBKeyRange.bound([annotation, 0], [annotation, Infinity]);
  /** Writes one after the other, so that a later one never overtakes an earlier one. */
  let last = Promise.resolve();

  /** @param {(store: IDBObjectStore) => void} work @returns {Promise<void>} once it is on the disk */
  function write(work) {
    const next = last.then(
      () =>
        new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
          const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
          transaction.oncomplete = () => resolve();
          transaction.onerror = transaction.onabort = () => reject(transaction.error);
          work(transaction.objectStore(STORE));
        }),
    );
    last = next.catch(() => {});
    return next;
  }

  return {
    /** @returns {Promise<Entry[]>} in order */
    all: () => result(database.transaction(STORE).objectStore(STORE).getAll(own)),

    /** @param {Entry} entry */
    append: (entry) => write((store) => store.put(entry)),

    /** Replace the entries up to the first sealed one by those sealed. @param {Entry[]} sealed the first bears the last number of what they hold */
    seal: (sealed) =>
      write((store) => {
        store.delete(IDBKeyRange.bound([annotation, 0], [annotation, sealed[0].seq]));
        for (const entry of sealed) store.put(entry);
      }),

    /**
     * Delete what the server has; later edits then start from the versions it answered.
     * @param {number} seq @param {Map<number, number>} tileVersions @param {Map<number, number>} entityVersions
     */
    acknowledge: (seq, tileVersions, entityVersions) =>
      write((store) => {
        store.delete(IDBKeyRange.bound([annotation, 0], [annotation, seq]));
        const walk = store.openCursor(own);
        walk.onsuccess = () => {
          const cursor = walk.result;
          if (!cursor) return;
          cursor.update(rebased(cursor.value, tileVersions, entityVersions));
          cursor.continue();
        };
      }),

    /** Put these entries in place of all there are. @param {Entry[]} entries */
    replace: (entries) =>
      write((store) => {
        store.delete(own);
        for (const entry of entries) store.put(entry);
      }),

    /** Whether what is written here outlives the page. */
    isLasting: true,
  };
}

/**
 * Where the browser offers no disk (some private windows), nothing is kept: the server is all there is.
 * @param {number} annotation @returns {Promise<Journal>}
 */
export async function openJournalOrNone(annotation) {
  try {
    return await openJournal(annotation);
  } catch (error) {
    console.warn("There is no journal.", error);
    const nothing = async () => {};
    return { all: async () => [], append: nothing, seal: nothing, acknowledge: nothing, replace: nothing, isLasting: false };
  }
}

/** @param {Entry} entry @param {Map<number, number>} tileVersions @param {Map<number, number>} entityVersions @returns {Entry} */
const rebased = (entry, tileVersions, entityVersions) => ({
  ...entry,
  tiles: entry.tiles.map((row) => ({ ...row, base: tileVersions.get(row.t) ?? row.base })),
  entities: entry.entities.map((row) => ({ ...row, base: entityVersions.get(row.number) ?? row.base })),
});
