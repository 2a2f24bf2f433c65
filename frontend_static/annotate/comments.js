/** Comments on an annotation: threads in a panel, numbered pins on the canvas, a box or an entity to speak of. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { createPins } from "./comment_pins.js";
import { askForBox } from "./comment_box.js";

/** @typedef {import("../segmentation/label_map.js").Box} Box */
/** @typedef {{id: number, number: number | null, box: [number, number, number, number] | null, text: string, author: string, username: string,
 *   created_at: string, parent: number | null, resolved_at: string | null, resolved_by: string | null, revision: number}} CommentRow */
/** @typedef {{number?: number, box?: [number, number, number, number]}} Anchor */
/** @typedef {ReturnType<typeof createComments>} Comments */

const LONGEST = 5000;
/** Room around a place that is shown. */
const ROOM = 2;

/** @param {string} at ISO */
const whenText = (at) => new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

/**
 * @param {HTMLElement} host
 * @param {object} parts
 * @param {import("../shared/api.js").Api} parts.api
 * @param {number} parts.annotation
 * @param {HTMLElement} parts.stage  holds the pins
 * @param {import("./viewer.js").Viewer} parts.viewer
 * @param {import("../segmentation/label_map.js").LabelMap} parts.map
 * @param {(number: number) => string} parts.nameOf  an entity's name, "" if it has none
 * @param {() => number} parts.selected
 * @param {(number: number) => void} parts.select
 * @param {(sentence: string) => void} parts.say
 * @param {() => void} [parts.reveal]  bring the panel into sight
 * @param {() => void} [parts.lead]  this viewer is about to be moved
 */
export function createComments(host, { api, annotation, stage, viewer, map, nameOf, selected, select, say, reveal = () => {}, lead = () => {} }) {
  const list = element("ol", { class: "threads" });
  const count = element("span", { class: "soft", role: "status" });
  const all = element("input", { type: "checkbox", id: "resolved-comments", onchange: draw });
  const composer = element("div", { class: "composer", hidden: true });
  host.append(
    element(
      "div",
      { class: "comments-head" },
      element("h2", {}, t("Comments")), count,
      element("span", { class: "spacer" }),
      all, element("label", { for: "resolved-comments" }, t("Resolved too")),
    ),
    element(
      "div",
      { class: "comments-new" },
      element("button", { type: "button", class: "button button-small", title: "C", onclick: () => void onRegion() }, t("On a region")),
      element("button", { type: "button", class: "button button-small", title: "Shift+C", onclick: onEntity }, t("On the entity")),
      element("button", { type: "button", class: "button button-small", onclick: () => compose({}) }, t("General")),
    ),
    composer,
    list,
  );
  /** @type {CommentRow[]} */
  let rows = [];
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** Answers begun, by thread: the list is drawn anew while somebody writes. @type {Map<number, string>} */
  const begun = new Map();
  let current = 0;
  let isSending = false;
  const pins = createPins(stage, viewer, { boxOf: placeOf, choose: (id) => choose(id) });

  const threads = () => rows.filter(({ parent }) => parent === null);
  const open = () => threads().filter(({ resolved_at: at }) => at === null);

  async function load() {
    rows = (await api.get(`annotations/${annotation}/comments`)).results;
    draw();
  }

  /** Where a comment is, in image pixels. @param {CommentRow} row @returns {Box | null} */
  function placeOf({ box, number }) {
    if (box) return [box[0], box[1], box[0] + box[2] - 1, box[1] + box[3] - 1];
    return number === null ? null : map.boxOf(number);
  }

  function draw() {
    const shown = threads().filter(({ resolved_at: at }) => all.checked || at === null);
    count.textContent = plural(open().length, "{n} open", "{n} open");
    list.replaceChildren(...shown.map((row) => element("li", {}, threadOf(row))));
    if (shown.length === 0) list.append(element("li", { class: "soft" }, rows.length > 0 ? t("Every comment is resolved.") : t("No comments yet.")));
    pins.show(shown.map((row) => ({ row, label: labelOf(row), isCurrent: row.id === current })));
    listeners.forEach((tell) => tell());
  }

  /** Pins are numbered through in the order of writing. @param {CommentRow} row */
  const labelOf = (row) => String(threads().indexOf(row) + 1);

  /** @param {CommentRow} row */
  function whereText({ number, box }) {
    const where = [number !== null && `#${number} ${nameOf(number)}`.trim(), box && t("region {w} × {h} px", { w: box[2], h: box[3] })].filter(Boolean).join(", ");
    return where || t("the whole image");
  }

  /** @param {CommentRow} row */
  function threadOf(row) {
    const answers = rows.filter(({ parent }) => parent === row.id);
    const isResolved = row.resolved_at !== null;
    const reply = element("textarea", { rows: 1, maxlength: LONGEST, "aria-label": t("Answer comment {n}", { n: labelOf(row) }), placeholder: t("Answer…"), onkeydown: sendWithKey });
    reply.value = begun.get(row.id) ?? "";
    reply.addEventListener("input", () => begun.set(row.id, reply.value));
    const send = element("button", { type: "submit", class: "button button-small" }, t("Answer"));
    return element(
      "article",
      { class: `thread ${isResolved ? "resolved" : ""}`, "aria-current": row.id === current ? "true" : null, data: { comment: row.id } },
      element(
        "button",
        { type: "button", class: "thread-place", onclick: () => choose(row.id) },
        element("span", { class: "pin-number" }, labelOf(row)),
        element("span", {}, whereText(row)),
      ),
      remarkOf(row),
      ...answers.map(remarkOf),
      isResolved && element("p", { class: "soft" }, t("Resolved by {who}, {when}", { who: row.resolved_by ?? "", when: whenText(String(row.resolved_at)) })),
      element(
        "form",
        {
          class: "thread-answer",
          onsubmit: (/** @type {SubmitEvent} */ event) => {
            event.preventDefault();
            if (reply.value.trim()) void attempt(() => api.post(`annotations/${annotation}/comments`, { text: reply.value, parent: row.id }), () => begun.delete(row.id));
          },
        },
        reply,
        send,
        element(
          "button",
          { type: "button", class: "button button-small", onclick: () => void attempt(() => api.patch(`comments/${row.id}`, { resolved: !isResolved })) },
          isResolved ? t("Open again") : t("Resolve"),
        ),
      ),
    );
  }

  /** @param {CommentRow} row */
  const remarkOf = ({ author, created_at: at, text, revision }) =>
    element(
      "div",
      { class: "remark" },
      element("p", { class: "remark-head" }, element("strong", {}, author), " ", element("time", { datetime: at, title: t("At revision {n}", { n: revision }) }, whenText(at))),
      element("p", { class: "remark-text" }, text),
    );

  /** Ctrl+Enter sends what stands in a field of several lines. @param {KeyboardEvent} event */
  function sendWithKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    /** @type {HTMLTextAreaElement} */ (event.target).form?.requestSubmit();
  }

  /** One at a time: what is sent twice would stand there twice. @param {() => Promise<any>} work @param {() => void} [done] */
  async function attempt(work, done) {
    if (isSending) return;
    isSending = true;
    try {
      await work();
      done?.();
      await load();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    } finally {
      isSending = false;
    }
  }

  /** @param {number} id */
  function choose(id) {
    const row = rows.find((found) => found.id === id);
    if (!row) return;
    current = id;
    const box = placeOf(row);
    if (row.number !== null) select(row.number);
    lead();
    if (box) viewer.fit(box, ROOM);
    reveal();
    draw();
    list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Anchor} anchor */
  function compose(anchor) {
    reveal();
    const text = element("textarea", { id: "comment-text", rows: 3, maxlength: LONGEST, required: true, onkeydown: sendWithKey });
    const where = whereText({ .../** @type {any} */ ({}), number: anchor.number ?? null, box: anchor.box ?? null });
    pins.sketch(anchor.box ? [anchor.box[0], anchor.box[1], anchor.box[0] + anchor.box[2] - 1, anchor.box[1] + anchor.box[3] - 1] : null);
    composer.replaceChildren(
      element(
        "form",
        {
          onsubmit: (/** @type {SubmitEvent} */ event) => {
            event.preventDefault();
            void attempt(() => api.post(`annotations/${annotation}/comments`, { text: text.value, ...anchor }), close);
          },
        },
        element("label", { for: "comment-text" }, t("Comment on {where}", { where })),
        text,
        element("div", { class: "composer-actions" }, element("button", { type: "button", class: "button button-small", onclick: close }, t("Cancel")), element("button", { type: "submit", class: "button button-small button-primary" }, t("Comment"))),
      ),
    );
    composer.hidden = false;
    // A form's keys are its own; Esc leaves it.
    composer.onkeydown = (event) => {
      if (event.key === "Escape") close();
      event.stopPropagation();
    };
    text.focus();
  }

  function close() {
    composer.hidden = true;
    composer.replaceChildren();
    pins.sketch(null);
    /** @type {HTMLElement | null} */ (stage.closest("[tabindex]"))?.focus();
  }

  async function onRegion() {
    say(t("Drag a box around what you speak of. Esc cancels."));
    const box = await askForBox(stage, viewer, map);
    if (box) compose({ box });
  }

  function onEntity() {
    if (selected() > 0) compose({ number: selected() });
    else say(t("Select an entity first, or drag a region."));
  }

  /** @param {1 | -1} direction */
  function step(direction) {
    const shown = open();
    if (shown.length === 0) {
      say(t("No open comments."));
      return;
    }
    const at = shown.findIndex(({ id }) => id === current);
    choose(shown[at < 0 ? (direction > 0 ? 0 : shown.length - 1) : (at + direction + shown.length) % shown.length].id);
  }

  return {
    load,
    openRows: open,
    whereText,
    refreshPins: pins.place,
    /** @param {() => void} listener */
    onChange: (listener) => void listeners.add(listener),
    /** What can be done by key. @returns {import("./commands.js").Action[]} */
    actions: () => [
      { id: "comment.region", label: t("Comment on a region"), group: t("Comments"), keys: ["c"], run: () => void onRegion() },
      { id: "comment.entity", label: t("Comment on the entity"), group: t("Comments"), keys: ["shift+c"], run: onEntity },
      { id: "comment.next", label: t("Next open comment"), group: t("Comments"), keys: ["f8"], everywhere: true, run: () => step(1) },
      { id: "comment.previous", label: t("Previous open comment"), group: t("Comments"), keys: ["shift+f8"], everywhere: true, run: () => step(-1) },
    ],
  };
}
