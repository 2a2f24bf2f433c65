/** The two sides on the desk: the annotation under review (or the reviewer's own map) and what it is compared with. */
import { find } from "../shared/dom.js";
import { createSignal } from "../annotate/store.js";
import { createComparer } from "./comparer.js";
import { linkViewers } from "./linked.js";
import { createPane } from "./pane.js";
import { loadSide, namesOf } from "./sides.js";

/** @typedef {import("./sides.js").Side} Side */
/** @typedef {import("./sides.js").Place} Place */
/** @typedef {import("./own_map.js").OwnMap} OwnMap */
/** @typedef {import("./layout.js").CompareStore} CompareStore */
/** @typedef {import("../segmentation/disagreements.js").Disagreement} Disagreement */
/** @typedef {import("../segmentation/disagreements.js").Figures} Figures */
/** @typedef {ReturnType<typeof createDesk>} Desk */

/** Revisions kept in memory while somebody scrubs through them. */
const SIDES_KEPT = 8;
/** After a decision the figures follow once the hand rests. */
const SETTLE_MS = 250;

/**
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {Record<string, any>} parts.detail
 * @param {CompareStore} parts.compare
 * @param {(items: Disagreement[]) => void} parts.onFound
 * @param {(figures: Figures) => void} parts.onFigures
 * @param {() => void} parts.onShown  the left pane shows something else
 * @param {(sentence: string) => void} parts.say
 */
export function createDesk({ api, detail, compare, onFound, onFigures, onShown, say }) {
  const comparer = createComparer();
  const prefer = new URLSearchParams(location.search).get("layer");
  const { width, height, dzi_url: dziUrl } = detail.image;
  const stage = find("#stage");
  const left = createPane({ host: find(".pane-left", stage), imageHost: find("#image"), navigatorHost: find("#navigator"), size: { width, height }, dziUrl, prefer });
  /** @type {import("./pane.js").Pane | null} */
  let right = null;
  /** @type {ReturnType<typeof linkViewers> | null} */
  let link = null;
  /** @type {Side | null} */
  let a = null;
  /** @type {Side | null} */
  let b = null;
  /** @type {OwnMap | null} */
  let own = null;
  /** @type {Map<string, Side>} */
  const kept = new Map();
  /** @type {AbortController | null} */
  let loading = null;
  let asked = 0;
  let timer = 0;
  /** @type {ReturnType<typeof createSignal<import("./pane.js").Pane>>} */
  const rightCame = createSignal();

  /** @param {Place} place @param {{isPrediction?: boolean, signal?: AbortSignal}} [options] */
  async function sideAt(place, options) {
    const key = JSON.stringify(place);
    const side = (place.revision !== null && kept.get(key)) || (await loadSide(api, place, options));
    kept.delete(key);
    if (place.revision !== null) kept.set(key, side);
    const [oldest] = kept.keys();
    if (kept.size > SIDES_KEPT) kept.delete(oldest);
    return side;
  }

  const isMine = () => own !== null && compare.state.left === "mine";

  async function showLeft() {
    const colouring = isMine() && own ? left.show(own.map.tiles, own.entities.all().map(rowOf), own.annotation) : a && left.show(a.map.tiles, a.rows, a.annotation);
    onShown();
    await colouring;
  }

  async function rightPane() {
    if (right) return right;
    const host = find(".pane-right", stage);
    right = createPane({ host, imageHost: find("#image-right"), navigatorHost: find("#navigator-right"), size: { width, height }, dziUrl, prefer });
    await right.viewer.opened;
    link = linkViewers([left.viewer, right.viewer]);
    rightCame.emit(right);
    return right;
  }

  /** Whether the whole image is in view. */
  function seesAll() {
    const box = left.host.getBoundingClientRect();
    const corners = [left.viewer.clientOf([0, 0]), left.viewer.clientOf([width - 1, height - 1])];
    return corners.every(([x, y]) => x >= box.left - 1 && x <= box.right + 1 && y >= box.top - 1 && y <= box.bottom + 1);
  }

  /** Whoever saw the whole image sees it in half the width too; the viewers need a frame to notice. */
  function fitWhenLaidOut() {
    requestAnimationFrame(() => requestAnimationFrame(() => {
      link?.lead(left.viewer);
      left.viewer.fitImage();
    }));
  }

  /** What the left pane shows, as the comparison takes it. @returns {import("./comparer.js").Compared | null} */
  function leftCompared() {
    if (isMine() && own) return { map: own.map, names: own.entities.all().map(({ number, name }) => [number, name]) };
    return a && compared(a);
  }

  /** List, figures and hatch anew; the list is of the annotation under review, the rest of what is shown. */
  async function compareNow() {
    const mine = ++asked;
    if (!a || !b) return;
    const [sideA, sideB] = [compared(a), compared(b)];
    try {
      const found = await comparer.compare(sideA, sideB);
      const shown = isMine() ? await comparer.compare(/** @type {import("./comparer.js").Compared} */ (leftCompared()), sideB) : found;
      if (mine !== asked) return;
      paintAlike(found.items);
      onFound(found.items);
      setFigures(shown);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  /** Only what follows from the map shown: the list stays while decisions are made. */
  function followSoon() {
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      const [shown, sideB] = [leftCompared(), b && compared(b)];
      if (shown && sideB) setFigures(await comparer.compare(shown, sideB));
    }, SETTLE_MS);
  }

  /** @param {import("./comparer.js").Found} found */
  function setFigures({ figures, difference }) {
    left.setDifference(difference);
    right?.setDifference(difference);
    onFigures(figures);
  }

  /** The same entity has the same colour on both sides. @param {Disagreement[]} items */
  function paintAlike(items) {
    right?.paint(items.flatMap(({ a: [first], b: [second] }) => (first && second ? [[second, left.entities.get(first).colour]] : [])));
  }

  return {
    left,
    right: () => right,
    onRight: rightCame.on,
    a: () => a,
    b: () => b,
    own: () => own,
    isMine,
    compareNow,
    /** The annotation under review at one of its revisions; null: as it is now. @param {number | null} revision */
    async showRevision(revision) {
      loading?.abort();
      loading = new AbortController();
      a = await sideAt({ annotation: detail.id, revision }, { signal: loading.signal });
      if (!isMine()) await showLeft();
      void compareNow();
    },
    /** @param {Place | null} place @param {boolean} isPrediction */
    async compareWith(place, isPrediction) {
      if (!place) {
        b = null;
        left.setDifference(null);
        compare.set({ isComparing: false, isSwapped: false });
        return;
      }
      const side = await sideAt(place, { isPrediction });
      const pane = await rightPane();
      const sawAll = seesAll();
      b = side;
      await pane.show(b.map.tiles, b.rows, b.annotation);
      compare.set({ isComparing: true });
      if (sawAll) fitWhenLaidOut();
      await compareNow();
    },
    /** @param {OwnMap} map */
    useOwn(map) {
      own = map;
      map.drawing.onChange(({ tiles, entities }) => {
        if (!isMine()) return;
        left.install(tiles.map(({ t, state }) => [t, state]));
        left.entities.refresh(entities.map((number) => rowOf(map.entities.get(number))));
        onShown();
        followSoon();
      });
      compare.set({ left: "mine" });
      void showLeft();
      followSoon();
    },
    showLeft() {
      void showLeft();
      followSoon();
    },
    /** Keys and lists move the left viewer; the other follows. */
    lead: () => link?.lead(left.viewer),
  };
}

/** @param {Side} side @returns {import("./comparer.js").Compared} */
function compared(side) {
  const nameOf = namesOf(side);
  return { map: side.map, names: side.rows.map(({ number }) => [number, nameOf(number)]) };
}

/** An entity as the API gives it. @param {import("../annotate/entities.js").Entity} entity */
const rowOf = ({ number, term, name, rawName, colour, deleted, score, provenance, version }) => ({
  number, term, term_name: name, raw_name: rawName, colour, deleted, score, provenance, version,
});
