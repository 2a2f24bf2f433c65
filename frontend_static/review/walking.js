/** Going to places: an entity, a disagreement, whatever was clicked; the left pane moves and the other follows. */
import { t } from "../shared/translate.js";

/** @typedef {import("../segmentation/disagreements.js").Disagreement} Disagreement */
/** @typedef {import("../segmentation/label_map.js").Box} Box */

/** Room around a disagreement that is flown to. */
const ROOM = 2;

/**
 * @param {object} parts
 * @param {import("./desk.js").Desk} parts.desk
 * @param {import("../annotate/editor_state.js").EditorStore} parts.store
 * @param {import("./layout.js").CompareStore} parts.compare
 * @param {() => ReturnType<typeof import("./disagreement_list.js").createDisagreementList>} parts.list
 * @param {() => void} parts.reveal  bring the list into sight
 * @param {(sentence: string) => void} parts.say
 */
export function createWalking({ desk, store, compare, list, reveal, say }) {
  const { left } = desk;

  /** @param {number} number */
  const select = (number) => store.set({ selected: number > 0 && number <= 65000 ? number : 0 });

  /** @param {Box | null} box @param {number} [room] */
  function fly(box, room) {
    desk.lead();
    if (box) left.viewer.fit(box, room);
  }

  /** @param {Disagreement} item @param {boolean} isFar whether to fly there */
  function choose(item, isFar) {
    list().select(item.key);
    select(item.a[0] ?? 0);
    desk.right()?.viewer.show({ selected: item.b[0] ?? 0 });
    if (isFar) fly(item.box, ROOM);
  }

  return {
    select,
    choose,
    /** @param {number} number */
    selectAndFit(number) {
      select(number);
      fly(left.map.boxOf(number));
    },
    /** @param {1 | -1} direction */
    walk(direction) {
      const found = list().step(direction);
      if (!found) {
        say(compare.state.isComparing ? t("No disagreement of these kinds.") : t("Choose what to compare with first."));
        return;
      }
      reveal();
      choose(found.item, true);
    },
    /** A click on either pane chooses the disagreement it lies in. @param {"a" | "b"} side @param {number} number */
    pick(side, number) {
      const item = list().all().find((found) => found[side].includes(number));
      if (item) choose(item, false);
      else if (side === "a") select(number);
    },
  };
}
