/** The reviewer's own map: begun with the first decision, written to like any drawing, saved the same way. */
import { t } from "../shared/translate.js";
import { createAutosave } from "../annotate/autosave.js";
import { createColours } from "../annotate/colours.js";
import { createDrawing } from "../annotate/drawing.js";
import { createEntities } from "../annotate/entities.js";
import { openJournalOrNone } from "../annotate/journal.js";
import { createLease } from "../annotate/lease.js";
import { createNumbers } from "../annotate/numbers.js";
import { createSender, resendSealed } from "../annotate/sending.js";
import { mapOfBundle, parseBundle } from "../segmentation/bundle.js";
import { takeSide } from "../segmentation/decide.js";
import { mapSha256 } from "../segmentation/digest.js";
import { namesOf } from "./sides.js";

/** @typedef {import("../segmentation/disagreements.js").Disagreement} Disagreement */
/** @typedef {import("./sides.js").Side} Side */
/** @typedef {import("./decisions.js").Decision} Decision */
/** @typedef {Awaited<ReturnType<typeof openOwnMap>>} OwnMap */

/**
 * Open the map for writing. Fails with a sentence when another tab or person writes to it.
 * @param {import("../shared/api.js").Api} api @param {Record<string, any>} detail of the map, as POST review-map answers
 */
export async function openOwnMap(api, detail) {
  const annotation = detail.id;
  const lease = createLease({ api, annotation, assignment: detail.assignment.id });
  const held = await lease.acquire();
  if (!held.held) throw new Error(held.sentence);
  const journal = await openJournalOrNone(annotation);
  const sender = createSender({ api, annotation, lease: lease.token });
  const unsaved = await resendSealed(sender, journal);
  const [bundle, masks] = await Promise.all([
    api.request(`annotations/${annotation}/bundle`).then((response) => response.arrayBuffer()),
    api.get(`annotations/${annotation}/masks`),
  ]);
  const parsed = parseBundle(bundle);
  const map = mapOfBundle(parsed);
  const entities = createEntities(masks.results);
  for (const { tiles, entities: rows } of unsaved) {
    for (const { t: tile, state } of tiles) map.install(tile, state);
    entities.recover(rows, () => "");
  }
  const colours = createColours(map, entities);
  const drawing = createDrawing(map, entities, colours.forEntity);
  const proof = () => mapSha256(map.width, map.height, [...map.tiles]);
  const autosave = createAutosave({ annotation, sender, journal, tileVersions: parsed.versions, entities, proof });
  const numbers = createNumbers({ api, annotation });
  drawing.onChange(autosave.record);
  if (unsaved.length > 0) autosave.recover(unsaved);
  /** Numbers of this map for entities that only B has, by their number there. @type {Map<number, number>} */
  const given = new Map();

  /**
   * Take one side of a disagreement over, as one command; null if it is there already.
   * @param {Disagreement} item @param {"A" | "B"} side
   * @param {{a: Side, b: Side, all: Disagreement[], was: Decision | undefined}} compared
   */
  async function decide(item, side, { a, b, all, was }) {
    await numbers.ensure();
    const [taken, other] = side === "A" ? [a, b] : [b, a];
    const own = new Set(side === "A" ? item.a : item.b);
    const others = new Set(side === "A" ? item.b : item.a);
    const targets = side === "A" ? identity(a) : counterparts(item, all);
    const locked = entities.all().filter((entity) => entity.locked).map(({ number }) => number);
    const allow = locked.length > 0 ? new Uint8Array(65536).fill(1) : null;
    for (const number of locked) if (allow) allow[number] = 0;
    const tiles = takeSide(map, taken.map, other.map, { numbers: own, others, targets, allow });
    const fields = [...own].flatMap((number) => fieldsFrom(taken, number, targets.get(number) ?? 0));
    const [number = 0] = [...own].map((n) => targets.get(n) ?? 0);
    return drawing.run({ tool: "pick", number, side, item: item.key, was: was ?? null }, tiles, fields);
  }

  /** @param {Side} side */
  const identity = (side) => new Map([0, ...side.map.numbers()].map((number) => [number, number]));

  /** Which entity of this map each entity of B is; those only B has get a number of their own once they are taken.
   * @param {Disagreement} item @param {Disagreement[]} all */
  function counterparts(item, all) {
    /** @type {Map<number, number>} */
    const targets = new Map([[0, 0], ...given]);
    for (const { a: numbersA, b: numbersB } of all) if (numbersA.length > 0 && numbersB.length > 0) targets.set(numbersB[0], numbersA[0]);
    for (const number of item.b) {
      if (targets.has(number)) continue;
      const fresh = numbers.take();
      if (fresh === null) throw new Error(t("There is no number for a new entity: connect once to get more."));
      given.set(number, fresh);
      targets.set(number, fresh);
    }
    return targets;
  }

  /**
   * The name goes with the pixels, and so does where a new entity comes from; a side without a name leaves the one there is.
   * @param {Side} side @param {number} from @param {number} to @returns {import("../annotate/entities.js").EntityChange[]}
   */
  function fieldsFrom(side, from, to) {
    const row = side.rows.find(({ number }) => number === from);
    if (!row || !to) return [];
    const { term, name, rawName, provenance, score, source } = entities.get(to);
    const found = namesOf(side)(from);
    const isNamed = found !== "" && (name !== found || term !== (row.term ?? null));
    const isTaken = side.isPrediction && !entities.has(to);
    if (!isNamed && !isTaken) return [];
    return [{
      number: to,
      before: { ...(isNamed && { term, name, rawName }), ...(isTaken && { provenance, score, source }) },
      after: {
        ...(isNamed && { term: row.term ?? null, name: found, rawName: row.raw_name ?? "" }),
        ...(isTaken && { provenance: "model", score: row.score ?? 0, source: { annotation: side.annotation, number: from } }),
      },
    }];
  }

  return { annotation, detail, map, entities, drawing, autosave, numbers, lease, tileVersions: parsed.versions, decide, proof };
}
