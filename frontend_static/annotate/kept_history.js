/** Undo that survives a reload: the last commands on this computer's disk, taken up again where they fit what is drawn. */
import { fitting } from "./fitting_history.js";
import { result } from "./journal.js";

/** @typedef {import("./history.js").Command} Command */
/** @typedef {import("./history.js").Commands} Commands */
/** @typedef {{annotation: number, seq: number, command: Command}} Kept */
/** @typedef {{annotation: number, lastDone: number, usedAt: number}} Place  the commands after `lastDone` were undone */

const DATABASE = "tessera-history";
const COMMANDS = "commands";
const PLACES = "places";
const MOST_COMMANDS = 200;
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_ANNOTATIONS = 20;
/** A write waits for the hand to pause, but no longer than this. */
const PATIENCE_MS = 300;

/** @param {() => void} work */
const whenIdle = (work) => ("requestIdleCallback" in window ? requestIdleCallback(work, { timeout: PATIENCE_MS }) : setTimeout(work, 50));

/**
 * The commands worth keeping, from the newest that is done backwards, then those undone.
 * @param {Commands} commands @param {{commands?: number, bytes?: number}} [most]
 * @returns {Commands}
 */
export function newest({ done, undone }, { commands = MOST_COMMANDS, bytes = MOST_BYTES } = {}) {
  let room = bytes;
  /** @param {Command} command */
  const fits = (command) => (room -= bytesOnDisk(command)) >= 0;
  const kept = [];
  for (const command of done.slice(-commands).reverse()) {
    if (!fits(command)) break;
    kept.unshift(command);
  }
  const later = [];
  for (const command of undone.slice(0, commands - kept.length)) {
    if (!fits(command)) break;
    later.push(command);
  }
  return { done: kept, undone: later };
}

/** @param {Command} command */
const bytesOnDisk = ({ tiles }) => tiles.reduce((sum, { before, after }) => sum + 96 + (before.runs?.byteLength ?? 0) + (after.runs?.byteLength ?? 0), 64);

/**
 * Take up the history of an earlier visit and keep that of this one.
 * @param {number} annotation @param {import("./drawing.js").Drawing} drawing
 * @returns {Promise<{write: () => void, commands: number}>} write: what has changed, now; commands: how many were taken up
 */
export async function keepHistory(annotation, drawing) {
  const { history, map, entities } = drawing;
  const database = await openDatabase();
  const own = IDBKeyRange.bound([annotation, 0], [annotation, Infinity]);
  const reading = database.transaction([COMMANDS, PLACES]);
  const [kept, place] = await Promise.all([
    result(/** @type {IDBRequest<Kept[]>} */ (reading.objectStore(COMMANDS).getAll(own))),
    result(/** @type {IDBRequest<Place | undefined>} */ (reading.objectStore(PLACES).get(annotation))),
  ]);
  const now = history.commands();
  const { done, undone } = split(kept, place?.lastDone ?? 0);
  const isUntouched = now.done.length === 0 && now.undone.length === 0;
  const taken = fitting(
    { done: [...done.map(({ command }) => command), ...now.done], undone: isUntouched ? undone.map(({ command }) => command) : now.undone },
    map.tiles,
    entities.get,
  );
  history.replace(taken);

  /** What is on the disk, by the command it is. @type {Map<Command, number>} */
  let onDisk = new Map();
  const firstTaken = done.length + now.done.length - taken.done.length;
  for (let i = firstTaken; i < done.length; i++) onDisk.set(taken.done[i - firstTaken], done[i].seq);
  if (isUntouched) taken.undone.forEach((command, i) => onDisk.set(command, undone[i].seq));
  const onDiskStill = new Set(onDisk.values());
  let left = new Set(kept.map(({ seq }) => seq).filter((seq) => !onDiskStill.has(seq)));
  let last = kept.at(-1)?.seq ?? 0;
  let isQueued = false;
  let isOver = false;

  function write() {
    isQueued = false;
    if (isOver) return;
    try {
      put(newest(history.commands()));
    } catch (error) {
      giveUp(error);
    }
  }

  /** @param {Commands} commands */
  function put(commands) {
    const transaction = database.transaction([COMMANDS, PLACES], "readwrite", { durability: "relaxed" });
    transaction.onerror = transaction.onabort = () => giveUp(transaction.error);
    const store = transaction.objectStore(COMMANDS);
    /** @type {Map<Command, number>} */
    const next = new Map();
    for (const command of [...commands.done, ...commands.undone]) {
      const seq = onDisk.get(command) ?? ++last;
      if (!onDisk.has(command)) store.put({ annotation, seq, command });
      next.set(command, seq);
    }
    for (const [command, seq] of onDisk) if (!next.has(command)) left.add(seq);
    for (const seq of left) store.delete([annotation, seq]);
    const newestDone = commands.done.at(-1);
    transaction.objectStore(PLACES).put({ annotation, lastDone: newestDone ? next.get(newestDone) : 0, usedAt: Date.now() });
    onDisk = next;
    left = new Set();
  }

  /** The disk takes no more: what is not saved yet needs the room more than undo does. @param {unknown} error */
  function giveUp(error) {
    if (isOver) return;
    isOver = true;
    console.warn("Undo is not kept across reloads.", error);
    database.transaction(COMMANDS, "readwrite").objectStore(COMMANDS).clear();
  }

  function writeSoon() {
    if (isQueued) return;
    isQueued = true;
    whenIdle(() => isQueued && write());
  }

  forgetOldest(database, annotation);
  history.onChange(writeSoon);
  writeSoon();
  return { write, commands: taken.done.length + taken.undone.length };
}

/** @param {Kept[]} kept in order @param {number} lastDone */
const split = (kept, lastDone) => ({ done: kept.filter(({ seq }) => seq <= lastDone), undone: kept.filter(({ seq }) => seq > lastDone) });

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(COMMANDS, { keyPath: ["annotation", "seq"] });
    opening.result.createObjectStore(PLACES, { keyPath: "annotation" });
  };
  return result(opening);
}

/** Keep the histories of the annotations used last. @param {IDBDatabase} database @param {number} current */
function forgetOldest(database, current) {
  const transaction = database.transaction([COMMANDS, PLACES], "readwrite", { durability: "relaxed" });
  const places = transaction.objectStore(PLACES);
  const all = places.getAll();
  all.onsuccess = () => {
    const others = /** @type {Place[]} */ (all.result).filter(({ annotation }) => annotation !== current);
    for (const { annotation } of others.sort((a, b) => b.usedAt - a.usedAt).slice(MOST_ANNOTATIONS)) {
      places.delete(annotation);
      transaction.objectStore(COMMANDS).delete(IDBKeyRange.bound([annotation, 0], [annotation, Infinity]));
    }
  };
}
