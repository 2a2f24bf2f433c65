/**
 * Which commands may still be undone or redone: those whose every tile and field is what is there now. Pure.
 *
 * Content is compared, not versions: what was changed elsewhere ends the history that touched it, and nothing else.
 */
import { sameTile } from "../segmentation/tiles.js";

/** @typedef {import("./history.js").Command} Command */
/** @typedef {import("./history.js").Commands} Commands */
/** @typedef {import("./history.js").Side} Side */
/** @typedef {import("../segmentation/tiles.js").TileState} TileState */
/** @typedef {import("./entities.js").EntityFields} EntityFields */

/** The fields that the server keeps; a colour or a term's spelling may change without taking anything back. @type {(keyof EntityFields)[]} */
const PROVEN = ["term", "rawName", "deleted"];

/**
 * @param {Commands} commands
 * @param {ArrayLike<TileState>} tiles  as they are now
 * @param {(number: number) => EntityFields} fieldsOf  as they are now
 * @returns {Commands} the newest commands to undo and the next ones to redo, up to the first that does not fit;
 *   their tiles are shared with the map and with each other where they are equal
 */
export function fitting({ done, undone }, tiles, fieldsOf) {
  return {
    done: fittingRow([...done].reverse(), "after", tiles, fieldsOf).reverse(),
    undone: fittingRow(undone, "before", tiles, fieldsOf),
  };
}

/**
 * @param {Command[]} row  in the order in which they would be put in place @param {Side} here  the side that must be there
 * @param {ArrayLike<TileState>} tiles @param {(number: number) => EntityFields} fieldsOf
 */
function fittingRow(row, here, tiles, fieldsOf) {
  const there = here === "after" ? "before" : "after";
  /** @type {Map<number, TileState>} tiles as they will be by then */
  const states = new Map();
  /** @type {Map<number, Partial<EntityFields>>} */
  const fields = new Map();
  /** @type {Command[]} */
  const fit = [];
  for (const command of row) {
    const fieldsThen = (/** @type {number} */ number) => ({ ...fieldsOf(number), ...fields.get(number) });
    const isFitting =
      command.tiles.every((change) => change.t < tiles.length && sameTile(change[here], states.get(change.t) ?? tiles[change.t])) &&
      command.entities.every((change) => PROVEN.every((key) => !(key in change[here]) || change[here][key] === fieldsThen(change.number)[key]));
    if (!isFitting) break;
    fit.push({ ...command, tiles: command.tiles.map((change) => ({ ...change, [here]: states.get(change.t) ?? tiles[change.t] })) });
    for (const change of fit[fit.length - 1].tiles) states.set(change.t, change[there]);
    for (const change of command.entities) fields.set(change.number, { ...fields.get(change.number), ...change[there] });
  }
  return fit;
}
