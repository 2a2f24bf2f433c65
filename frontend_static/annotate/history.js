/** Undo and redo: one gesture is one command, made of references to immutable tiles. */
import { createSignal } from "./store.js";

/**
 * @typedef {object} Command
 * @property {import("../segmentation/transaction.js").Operation} operation
 * @property {import("../segmentation/label_map.js").TileChange[]} tiles
 * @property {import("./entities.js").EntityChange[]} entities
 */
/** @typedef {"before" | "after"} Side */
/** Both from the oldest command to the newest; the next to be redone is the first of `undone`.
 * @typedef {{done: Command[], undone: Command[]}} Commands */
/** @typedef {ReturnType<typeof createHistory>} History */

const BUDGET_BYTES = 128 * 1024 * 1024;
const ALWAYS_KEPT = 20;

/** @param {Command} command */
const bytesOf = (command) => command.tiles.reduce((sum, { before }) => sum + 48 + (before.runs?.byteLength ?? 0), 64);

/**
 * @param {(command: Command, side: Side) => void} apply puts one side of a command in place
 * @param {{budget?: number}} [options] bytes of old tiles kept for undo
 */
export function createHistory(apply, { budget = BUDGET_BYTES } = {}) {
  /** @type {Command[]} */
  let done = [];
  /** The next to be redone is the last. @type {Command[]} */
  let undone = [];
  let bytes = 0;
  const changed = createSignal();

  function trim() {
    while (bytes > budget && done.length > ALWAYS_KEPT) bytes -= bytesOf(/** @type {Command} */ (done.shift()));
  }

  return {
    /** Remember a command whose `after` is already in place. @param {Command} command */
    push(command) {
      done.push(command);
      undone = [];
      bytes += bytesOf(command);
      trim();
      changed.emit(undefined);
    },
    /** @returns {Command | null} */
    undo() {
      const command = done.pop();
      if (!command) return null;
      bytes -= bytesOf(command);
      undone.push(command);
      apply(command, "before");
      changed.emit(undefined);
      return command;
    },
    /** @returns {Command | null} */
    redo() {
      const command = undone.pop();
      if (!command) return null;
      bytes += bytesOf(command);
      done.push(command);
      apply(command, "after");
      changed.emit(undefined);
      return command;
    },
    /** @returns {Commands} */
    commands: () => ({ done: [...done], undone: [...undone].reverse() }),
    /** Take over these commands in place of all there are; they must fit what is drawn. @param {Commands} commands */
    replace(commands) {
      done = [...commands.done];
      undone = [...commands.undone].reverse();
      bytes = done.reduce((sum, command) => sum + bytesOf(command), 0);
      trim();
      changed.emit(undefined);
    },
    depth: () => ({ undo: done.length, redo: undone.length, bytes }),
    onChange: changed.on,
  };
}
