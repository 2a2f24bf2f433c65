/** Choosing colours so that neighbours look different to everyone: greedy over the adjacency graph. */
import { COLOURS, DISTANCE } from "./palette.js";

/** Beyond this distance two colours are told apart at a glance; more is no gain. */
const FAR_ENOUGH = 0.25;
/** What counts against a colour that is used already, and against each further use. */
const REUSE_COST = 0.03;
const USE_COST = 0.0006;

/**
 * @param {number[]} numbers to colour @param {import("../segmentation/adjacency.js").Adjacency} adjacency
 * @param {Map<number, number>} [chosen] colours that stay as they are
 * @returns {Map<number, number>} number → colour, for `numbers` only
 */
export function chooseColours(numbers, adjacency, chosen = new Map()) {
  const colours = new Map(chosen);
  const uses = new Float64Array(COLOURS.length);
  for (const colour of colours.values()) uses[colour % COLOURS.length]++;
  const degree = (/** @type {number} */ number) => adjacency.get(number)?.size ?? 0;
  const result = new Map();
  for (const number of [...numbers].sort((a, b) => degree(b) - degree(a))) {
    const around = [...(adjacency.get(number)?.keys() ?? [])].flatMap((n) => colours.get(n) ?? []);
    const colour = bestColour(around, uses);
    colours.set(number, colour);
    result.set(number, colour);
    uses[colour]++;
  }
  return result;
}

/** @param {number[]} around colours of the neighbours @param {Float64Array} uses @returns {number} index into the palette */
function bestColour(around, uses) {
  let best = 0;
  let bestScore = -Infinity;
  for (let c = 0; c < COLOURS.length; c++) {
    const nearest = Math.min(FAR_ENOUGH, ...around.map((colour) => DISTANCE[c][colour % COLOURS.length]));
    const score = nearest - (uses[c] > 0 ? REUSE_COST : 0) - uses[c] * USE_COST;
    if (score > bestScore) {
      bestScore = score;
      best = c;
    }
  }
  return best;
}
