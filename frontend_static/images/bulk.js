/** What can be done with several images at once: give them to a person, pre-annotate them, put them into a split. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { choice, field } from "../shell/fields.js";
import { spriteIcon } from "../shell/icons.js";
import { api } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { complain, note } from "../shell/toast.js";
import { askPredict } from "./predict.js";

/** @typedef {import("./filter_panel.js").Member} Member */

const ASSIGNED_AT_ONCE = 100;

/**
 * @param {HTMLElement} host
 * @param {{project: number, viewer: {canReview: boolean, canCurate: boolean}, selection: import("./selection.js").Selection,
 *   members: () => Member[], page: () => number[], done: () => void}} options
 */
export function createBulkBar(host, { project, viewer, selection, members, page, done }) {
  /** @param {string} icon @param {string} label @param {() => Promise<unknown>} act */
  const button = (icon, label, act) =>
    element("button", { type: "button", class: "button button-small", onclick: () => act().catch(complain) }, spriteIcon(icon), label);

  async function give() {
    const given = await askForm({
      title: plural(selection.size(), "Give {n} image to a person", "Give {n} images to a person"),
      body: [
        field(t("Person"), choice({ name: "annotator" }, members().map(({ username, name }) => [username, name || username]))),
        element("p", { class: "soft" }, t("It appears in their queue. Images that somebody draws already stay theirs.")),
      ],
      accept: t("Give"),
      submit: (data) => assign(String(data.get("annotator"))),
    });
    if (given) finish();
  }

  /** @param {string} annotator */
  async function assign(annotator) {
    const images = selection.all();
    let assigned = 0;
    for (let at = 0; at < images.length; at += ASSIGNED_AT_ONCE) {
      const answer = await api.post("assignments/give", { project, images: images.slice(at, at + ASSIGNED_AT_ONCE), annotator });
      assigned += answer.assigned;
    }
    const skipped = images.length - assigned;
    note([plural(assigned, "{n} image given to {name}.", "{n} images given to {name}.", { name: annotator }), skipped > 0 && plural(skipped, "{n} was left as it is.", "{n} were left as they are.")].filter(Boolean).join(" "));
  }

  async function setSplit() {
    const set = await askForm({
      title: plural(selection.size(), "Put {n} image into a split", "Put {n} images into a split"),
      body: [
        field(t("Split"), choice({ name: "split" }, [["train", "train"], ["val", "val"], ["test", "test"]])),
        element("p", { class: "soft" }, t("An image's split is for ever: those that have one keep it.")),
      ],
      accept: t("Put"),
      async submit(data) {
        const { changed, kept } = await api.post("images/split", { project, images: selection.all(), split: data.get("split") });
        note([plural(changed, "{n} image has the split now.", "{n} images have the split now."), kept > 0 && plural(kept, "{n} keeps its own.", "{n} keep their own.")].filter(Boolean).join(" "));
      },
    });
    if (set) finish();
  }

  async function predict() {
    if (await askPredict({ project, images: selection.all() })) finish();
  }

  function finish() {
    selection.clear();
    done();
  }

  return {
    show() {
      const size = selection.size();
      host.hidden = size === 0;
      const rest = page().filter((id) => !selection.has(id));
      const actions = [
        element("strong", { role: "status" }, plural(size, "{n} image chosen", "{n} images chosen")),
        rest.length > 0 && button("plus", t("Choose the whole page"), async () => selection.setAll(page(), true)),
        element("span", { class: "spacer" }),
        viewer.canReview && button("people", t("Give to a person…"), give),
        viewer.canCurate && button("spark", t("Pre-annotate"), predict),
        viewer.canCurate && button("tag", t("Set split…"), setSplit),
        button("close", t("Choose none"), async () => selection.clear()),
      ];
      refill(host, ...actions.filter((node) => node !== false));
    },
  };
}
