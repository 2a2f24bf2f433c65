/** Edits that are computed now and applied later: the map is as it was when they return. */

/** @typedef {import("./label_map.js").LabelMap} LabelMap */
/** @typedef {import("./label_map.js").TileChange} TileChange */

/**
 * @template T
 * @param {LabelMap} map no edit may be open @param {() => T} work writes to the map
 * @returns {{changes: TileChange[], result: T}}
 */
export function tryEdit(map, work) {
  map.begin();
  try {
    const result = work();
    const changes = map.commit();
    map.apply(changes, "before");
    return { changes, result };
  } finally {
    if (map.isEditing()) map.cancel();
  }
}
