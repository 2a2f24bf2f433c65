/** An annotation being drawn: its map, its entities and its history, and the one way every change goes. */
import { addChangedNumbers } from "../segmentation/tile_difference.js";
import { createHistory } from "./history.js";
import { createSignal } from "./store.js";

/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {import("../segmentation/label_map.js").TileChange} TileChange */
/** @typedef {import("./entities.js").EntityChange} EntityChange */
/** @typedef {import("./history.js").Command} Command */
/** @typedef {ReturnType<typeof createDrawing>} Drawing */
/** @typedef {Omit<import("../segmentation/transaction.js").Operation, "ms"> & {tool: string, number: number}} Gesture */
/**
 * What has to be saved: the tiles and rows as they are now, and what the person did.
 * @typedef {object} Change
 * @property {{t: number, state: import("../segmentation/tiles.js").TileState}[]} tiles
 * @property {number[]} entities
 * @property {import("../segmentation/transaction.js").Operation} operation
 */

/**
 * @param {LabelMap} map @param {import("./entities.js").Entities} entities
 * @param {(number: number) => number} colourFor  the colour of an entity that has none yet
 */
export function createDrawing(map, entities, colourFor) {
  const history = createHistory(apply);
  /** @type {ReturnType<typeof createSignal<Change>>} */
  const changed = createSignal();
  let startedAt = 0;

  /** @param {Command} command @param {import("./history.js").Side} side */
  function apply(command, side) {
    map.apply(command.tiles, side);
    entities.apply(command.entities, side);
    const operation = side === "before" ? { ...command.operation, undone: true } : command.operation;
    announce(command, side, operation);
  }

  /** @param {Command} command @param {import("./history.js").Side} side @param {Command["operation"]} operation @param {number[]} [edited] entities of a model that a person has changed now */
  function announce(command, side, operation, edited = []) {
    changed.emit({
      tiles: command.tiles.map((change) => ({ t: change.t, state: change[side] })),
      entities: [...new Set([...command.entities.map(({ number }) => number), ...edited])],
      operation,
    });
  }

  /**
   * Entities that gained their first pixel exist; those that lost their last do not.
   * @param {Set<number>} changed numbers whose pixels changed @param {EntityChange[]} given @returns {EntityChange[]}
   */
  function withExistence(changed, given) {
    /** @type {Map<number, EntityChange>} */
    const changes = new Map(given.map((change) => [change.number, change]));
    for (const number of changed) {
      const exists = map.area[number] > 0;
      const { deleted } = entities.get(number);
      if (number === 0 || deleted !== exists) continue;
      const known = changes.get(number) ?? { number, before: {}, after: {} };
      const isColoured = known.after.colour !== undefined || entities.get(number).colour >= 0;
      const colour = isColoured ? {} : { colour: colourFor(number) };
      changes.set(number, {
        number,
        before: { deleted, ...known.before },
        after: { ...known.after, ...colour, deleted: !exists },
      });
    }
    return [...changes.values()];
  }

  /**
   * @param {Gesture} gesture @param {TileChange[]} tiles @param {EntityChange[]} fields
   * @param {Set<number>} touched  numbers that gained or lost a pixel @returns {Command | null}
   */
  function take(gesture, tiles, fields, touched) {
    const changes = withExistence(touched, fields);
    if (tiles.length === 0 && changes.length === 0) return null;
    const ms = startedAt ? Math.round(performance.now() - startedAt) : 0;
    startedAt = 0;
    const command = { operation: { ...gesture, ms }, tiles, entities: changes };
    entities.apply(changes, "after");
    const taken = new Set(fields.filter(({ after }) => after.provenance).map(({ number }) => number));
    const edited = [...touched].filter((number) => entities.get(number).provenance === "model" && !taken.has(number));
    for (const number of edited) entities.update(number, { provenance: "edited" });
    history.push(command);
    announce(command, "after", command.operation, edited);
    return command;
  }

  return {
    map,
    entities,
    history,
    onChange: changed.on,

    /** Open an edit of pixels. */
    begin() {
      startedAt = performance.now();
      map.begin();
    },
    /** Close it as one command. @param {Gesture} gesture @param {EntityChange[]} [fields] @returns {Command | null} null if nothing changed */
    commit(gesture, fields = []) {
      /** @type {Set<number>} */
      const touched = new Set();
      const tiles = map.commit(touched);
      return take(gesture, tiles, fields, touched);
    },
    cancel() {
      if (map.isEditing()) map.cancel();
    },
    /**
     * Take in one gesture whose pixels are already in place.
     * @param {Gesture} gesture @param {TileChange[]} tiles @param {EntityChange[]} [fields] @returns {Command | null}
     */
    run: (gesture, tiles, fields = []) => take(gesture, tiles, fields, changedNumbers(tiles)),
    /** Take in a decision that changes neither pixels nor entities: undoable, and told to the server. @param {Gesture} gesture */
    note(gesture) {
      const command = { operation: { ...gesture, ms: 0 }, tiles: [], entities: [] };
      history.push(command);
      announce(command, "after", command.operation);
    },
    /** Change an entity's fields as one command. @param {string} tool @param {number} number @param {Partial<import("./entities.js").EntityFields>} after */
    describe(tool, number, after) {
      return this.run({ tool, number }, [], [{ number, before: pick(entities.get(number), Object.keys(after)), after }]);
    },
    undo: () => history.undo(),
    redo: () => history.redo(),
  };
}

/** @param {TileChange[]} tiles @returns {Set<number>} every number that gained or lost a pixel */
function changedNumbers(tiles) {
  /** @type {Set<number>} */
  const numbers = new Set();
  for (const { before, after } of tiles) addChangedNumbers(before, after, numbers);
  return numbers;
}

/** @param {import("./entities.js").Entity} entity @param {string[]} keys @returns {Partial<import("./entities.js").EntityFields>} */
const pick = (entity, keys) => Object.fromEntries(Object.entries(entity).filter(([key]) => keys.includes(key)));
