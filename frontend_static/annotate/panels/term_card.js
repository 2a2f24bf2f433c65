/** What a term means: its definition, and a mask of the project that bears it. */
import { element } from "../../shared/dom.js";
import { t } from "../../shared/translate.js";
import { createCrops, tileSourceOf } from "./crops.js";

/** @typedef {import("../suggestions.js").Term} Term */
/** @typedef {{window: number[], step: number, rle: {size: [number, number], counts: number[]}, width: number, height: number, dzi_url: string}} Example */

/** Not while somebody types: only where they stay. */
const PATIENCE_MS = 350;
const [WIDTH, HEIGHT] = [480, 320];

/**
 * @param {HTMLElement} host
 * @param {{api: import("../../shared/api.js").Api, image: number}} parts  image: the one being looked at, which gives no examples
 */
export function createTermCard(host, { api, image }) {
  const crops = createCrops();
  const name = element("strong", { class: "term-card-name" });
  const kind = element("span", { class: "term-card-kind" });
  const definition = element("p", { class: "term-card-definition" });
  const canvas = element("canvas", { class: "term-card-example", width: WIDTH, height: HEIGHT, role: "img" });
  const card = element("div", { class: "term-card", id: "term-card", role: "note", hidden: true }, canvas, element("p", { class: "term-card-title" }, name, kind), definition);
  host.append(card);
  /** @type {Map<number, Promise<Example | null>>} */
  const examples = new Map();
  let shown = 0;
  let timer = 0;

  /** @param {number} term @returns {Promise<Example | null>} */
  function exampleOf(term) {
    let example = examples.get(term);
    if (!example) {
      example = api.get(`terms/${term}/example?not_image=${image}`).catch(() => null);
      examples.set(term, example);
    }
    return example;
  }

  /** @param {Term} term */
  async function fill(term) {
    shown = term.id;
    name.textContent = term.name;
    kind.textContent = [term.parent, ...term.aliases.map((alias) => t("alias: {alias}", { alias }))].filter(Boolean).join(" · ");
    definition.textContent = term.definition || t("No definition yet.");
    canvas.hidden = true;
    card.hidden = false;
    const example = await exampleOf(term.id);
    if (!example || shown !== term.id) return;
    const { window: [x, y, width, height], dzi_url: url, width: W, height: H } = example;
    const contains = decoded(example);
    await crops.draw(canvas, {
      source: tileSourceOf(url, W, H), window: { x, y, width, height }, bounds: { x: 0, y: 0, width: W, height: H }, isMeant: contains, dimmed: 0.42,
    });
    if (shown !== term.id) return;
    canvas.setAttribute("aria-label", t("An example of {name} from this project", { name: term.name }));
    canvas.hidden = false;
  }

  function hide() {
    clearTimeout(timer);
    shown = 0;
    card.hidden = true;
  }

  return {
    /** Show a term once one has stayed on it for a moment. @param {Term | null} term */
    rest(term) {
      if (term && term.id === shown) return;
      clearTimeout(timer);
      if (term) timer = setTimeout(() => void fill(term), PATIENCE_MS);
      else hide();
    },
    hide,
  };
}

/** @param {Example} example @returns {(x: number, y: number) => boolean} whether an image pixel belongs to the mask */
function decoded({ window: [left, top], step, rle: { size: [height, width], counts } }) {
  const mask = new Uint8Array(height * width);
  let at = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1) mask.fill(1, at, at + count);
    at += count;
  });
  return (x, y) => {
    const [column, row] = [Math.floor((x - left) / step), Math.floor((y - top) / step)];
    return column >= 0 && row >= 0 && column < width && row < height && mask[column * height + row] === 1;
  };
}
