/** Giving gaps to entities: shown before it is done, one gap or all small ones at once. */
import { plural, t } from "../shared/translate.js";
import { whyFixed } from "./editor_state.js";
import { pixelsText } from "./format.js";
import { drawGrid } from "./tools/tool.js";
import { giveGapAt } from "./tools/bucket.js";

/** @typedef {import("./gaps.js").Gap} Gap */
/** @typedef {ReturnType<typeof createGapGiving>} GapGiving */

/**
 * @param {object} parts
 * @param {import("./tools/tool.js").Bench} parts.bench @param {import("./gaps.js").Gaps} parts.gaps
 * @param {import("./editor_state.js").EditorStore} parts.store
 */
export function createGapGiving({ bench, gaps, store }) {
  /** @type {import("./pixels/pixel_worker.js").Trial | null} what would become of the gap in hand */
  let trial = null;
  /** @type {Gap | null} */
  let shown = null;

  /** Show what would become of a gap. @param {Gap | null} gap */
  async function show(gap) {
    forget();
    shown = gap;
    if (!gap || gap.suggested === 0 || whyFixed(store.state)) return;
    const answer = await bench.ask("giveGaps", { rule: bench.gapRule(), maxArea: Infinity, at: gap.point, locked: bench.locked() }, { lane: "gap" });
    if (!answer || shown !== gap) return;
    trial = answer;
    bench.redraw();
  }

  function forget() {
    trial = null;
    shown = null;
    bench.redraw();
  }

  /** Give the gap in hand to who was suggested. */
  async function accept() {
    const gap = await gaps.current();
    if (gap) await giveGapAt(bench, gap.point);
    else bench.say(t("No gaps: the whole image is covered."));
  }

  gaps.onChosen((gap) => void show(gap));
  bench.settings.onChange(() => shown && void show(shown));
  bench.drawing.onChange(({ tiles }) => tiles.length > 0 && forget());

  return {
    /** Give the gap under the cursor, else the one in hand. */
    async give() {
      const { cursor } = store.state;
      const pixel = cursor && /** @type {import("../segmentation/raster.js").Point} */ (cursor.map(Math.round));
      const isOverGap = pixel && pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] < bench.map.width && pixel[1] < bench.map.height && bench.map.get(...pixel) === 0;
      if (isOverGap) await giveGapAt(bench, pixel);
      else await accept();
    },
    accept,
    /** Give every gap under the size chosen, as one command. */
    async giveSmall() {
      const maxArea = bench.settings.number("gaps.limit");
      const answer = await bench.ask("giveGaps", { rule: bench.gapRule(), maxArea, at: null, locked: bench.locked() });
      if (!answer) return;
      if (answer.given === 0) bench.say(t("There is no gap under {size} that an unlocked entity touches.", { size: pixelsText(maxArea) }));
      else if (bench.takeTrial(answer, { tool: "fill_small_gaps", number: answer.receivers[0], gaps: answer.given })) {
        bench.say(plural(answer.given, "{n} gap given away: {size}.", "{n} gaps given away: {size}.", { size: pixelsText(answer.pixels) }));
      }
    },
    /** @param {CanvasRenderingContext2D} pen @param {import("./tools/tool.js").HudView} view */
    draw(pen, view) {
      if (trial?.preview) drawGrid(pen, view, trial.preview.bitmap, trial.preview.grid);
    },
  };
}
