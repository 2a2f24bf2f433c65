/** A model's masks beside the drawing: looked at, taken over one by one or by score, or turned down. */
import { mapOfBundle, parseBundle } from "../segmentation/bundle.js";
import { copyEntity, jointHistogram } from "../segmentation/compare.js";
import { t } from "../shared/translate.js";
import { chooseElsewhere } from "./colours.js";
import { createSignal } from "./store.js";

/** @typedef {import("../segmentation/label_map.js").LabelMap} LabelMap */
/** @typedef {{number: number, score: number, area: number, free: number | null}} Proposal  free: px of it still unlabelled, null until counted */
/** @typedef {{id: number, model: string, mask_count: number}} Prediction */
/** @typedef {ReturnType<typeof createProposals>} Proposals */

/** The operation that tells the server of it. */
const REJECT = "reject_proposal";
/** How much is still free is counted when nothing has been drawn for so long. */
const SETTLE_MS = 400;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api @param {number} parts.annotation
 * @param {import("./drawing.js").Drawing} parts.drawing @param {import("./numbers.js").Numbers} parts.numbers
 * @param {(sentence: string) => void} parts.say
 */
export function createProposals({ api, annotation, drawing, numbers, say }) {
  /** @type {Prediction[]} */
  let predictions = [];
  let prediction = 0;
  /** @type {LabelMap | null} */
  let proposed = null;
  /** @type {Map<number, number>} */
  const scores = new Map();
  /** Of the proposals, against their neighbours; empty until they are chosen. @type {Map<number, number>} */
  let colours = new Map();
  /** @type {Map<number, Set<number>>} by prediction */
  let rejected = new Map();
  /** @type {Map<number, number> | null} */
  let free = null;
  let timer = 0;
  let isShown = false;
  /** Under the pointer, or chosen in the list. */
  let current = 0;
  const changed = createSignal();

  const rejectedHere = () => rejected.get(prediction) ?? new Set();

  /** Numbers of the prediction that an entity was taken from. */
  function taken() {
    const found = new Set();
    for (const { source, deleted, number } of drawing.entities.all()) {
      if (source?.annotation === prediction && !deleted && drawing.map.area[number] > 0) found.add(source.number);
    }
    return found;
  }

  /** Those still to be decided, best score first. @returns {Proposal[]} */
  function open() {
    if (!proposed) return [];
    const [gone, unwanted, map] = [taken(), rejectedHere(), proposed];
    return map
      .numbers()
      .filter((number) => !gone.has(number) && !unwanted.has(number))
      .map((number) => ({ number, score: scores.get(number) ?? 0, area: map.area[number], free: free && (free.get(number) ?? 0) }))
      .sort((a, b) => b.score - a.score || b.area - a.area);
  }

  function countFreeSoon() {
    clearTimeout(timer);
    if (isShown) timer = setTimeout(countFree, SETTLE_MS);
  }

  function countFree() {
    if (!proposed || drawing.map.isEditing()) return;
    free = new Map();
    for (const [key, pixels] of jointHistogram(drawing.map, proposed)) if (key < 65536) free.set(key, pixels);
    changed.emit(undefined);
  }

  /** Which predictions there are, and what was turned down before. */
  async function list() {
    const told = await api.get(`annotations/${annotation}/proposals`);
    predictions = told.predictions;
    rejected = new Map(Object.entries(told.rejected).map(([id, unwanted]) => [Number(id), new Set(unwanted)]));
    prediction = told.chosen ?? 0;
    changed.emit(undefined);
  }

  /** @param {number} id */
  async function load(id) {
    const [bundle, masks] = await Promise.all([
      api.request(`annotations/${id}/bundle`).then((response) => response.arrayBuffer()),
      api.get(`annotations/${id}/masks`),
    ]);
    prediction = id;
    proposed = mapOfBundle(parseBundle(bundle));
    scores.clear();
    for (const { number, score } of masks.results) scores.set(number, score ?? 0);
    current = 0;
    colours = new Map();
    countFree();
    const chosen = await chooseElsewhere(proposed, proposed.numbers(), new Map());
    if (prediction === id) colours = chosen;
  }

  /**
   * Take proposals over as one command; never over what `allow` forbids, so nothing overlaps.
   * @param {number[]} chosen @param {Uint8Array} allow  by the number that is there @param {string} tool
   * @returns {number} how many got a pixel
   */
  function take(chosen, allow, tool) {
    if (!proposed) return 0;
    const { map } = drawing;
    /** @type {Map<number, import("../segmentation/label_map.js").TileChange>} */
    const byTile = new Map();
    /** @type {import("./entities.js").EntityChange[]} */
    const fields = [];
    let to = numbers.take();
    for (const from of chosen) {
      if (to === null) {
        say(t("There is no number for a new entity: connect once to get more."));
        break;
      }
      const changes = copyEntity(map, proposed, from, to, allow);
      for (const change of changes) byTile.set(change.t, { ...change, before: byTile.get(change.t)?.before ?? change.before });
      if (changes.length === 0) continue;
      const colour = colours.get(from);
      fields.push({
        number: to,
        before: { provenance: "human", score: null, source: null },
        after: {
          provenance: "model", score: scores.get(from) ?? 0, source: { annotation: prediction, number: from },
          ...(colour !== undefined && { colour }),
        },
      });
      to = numbers.take();
    }
    if (fields.length > 0) drawing.run({ tool, number: fields.length === 1 ? fields[0].number : 0, prediction, proposals: fields.length }, [...byTile.values()], fields);
    return fields.length;
  }

  drawing.onChange(({ operation }) => {
    if (operation.tool === REJECT) {
      const set = new Set(rejected.get(Number(operation.prediction)));
      const isUnwanted = Boolean(operation.wanted) === Boolean(operation.undone);
      for (const number of /** @type {number[]} */ (operation.proposals)) {
        if (isUnwanted) set.add(number);
        else set.delete(number);
      }
      rejected.set(Number(operation.prediction), set);
    }
    countFreeSoon();
    changed.emit(undefined);
  });

  return {
    list,
    load,
    open,
    take,
    predictions: () => predictions,
    prediction: () => prediction,
    map: () => proposed,
    isShown: () => isShown,
    /** @param {boolean} shown */
    async show(shown) {
      isShown = shown;
      if (shown && !proposed && prediction) await load(prediction);
      countFreeSoon();
      changed.emit(undefined);
    },
    /** @param {number[]} numbersOf */
    reject: (numbersOf) => drawing.note({ tool: REJECT, number: 0, prediction, proposals: numbersOf }),
    /** Want every rejected one of this prediction back. */
    wantBack: () => drawing.note({ tool: REJECT, number: 0, prediction, proposals: [...rejectedHere()], wanted: true }),
    rejectedCount: () => rejectedHere().size,
    current: () => current,
    /** @param {number} number */
    point(number) {
      if (number === current) return;
      current = number;
      changed.emit(undefined);
    },
    onChange: changed.on,
  };
}
