/** Work on a whole label map that must not hold up the page: colours for entities, chosen by what they touch. */
import { adjacencyOf } from "../segmentation/adjacency.js";
import { chooseColours } from "./colouring.js";

/**
 * @typedef {object} Question
 * @property {import("../segmentation/adjacency.js").Tiles} map
 * @property {number[]} numbers to colour
 * @property {Map<number, number>} kept colours that stay as they are
 */

addEventListener("message", ({ data }) => {
  const { map, numbers, kept } = /** @type {Question} */ (data);
  postMessage(chooseColours(numbers, adjacencyOf(map), kept));
});
