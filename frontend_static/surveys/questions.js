/** One question after the other: pictures, answer, comment, back and forward, by pointer and by keys. */
import { createDialog, shown } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";
import { createAnswerBar } from "./answer_bar.js";
import { paragraphs } from "./part_pages.js";
import { createStage } from "./stage.js";

/** @typedef {import("./part.js").Item} Item */
/** @typedef {import("./answer_keeper.js").Answer} Answer */

const ONWARD_MS = 320;
const COMMENT_MS = 700;

/**
 * @param {HTMLElement} host
 * @param {{visit: import("./part.js").Visit, items: Item[], root: string, say: (place: number, answer: Answer) => unknown, over: () => void}} options
 */
export function createQuestions(host, { visit, items, root, say, over }) {
  const stageHost = element("div", { class: "stage" });
  const stage = createStage(stageHost);
  const bar = createAnswerBar(visit.kind, choose);
  const comment = element("textarea", { maxlength: 2000, rows: 2, "aria-label": t("Comment"), placeholder: t("What made you decide? (if you like)") });
  const commentBox = element("div", { class: "comment-box", hidden: true }, comment);
  const commentButton = tool("comment", t("Comment"), "C", openComment);
  const bareButton = tool("images", t("Picture only"), t("Space"), () => showBare(bareButton.getAttribute("aria-pressed") !== "true"));
  bareButton.setAttribute("aria-pressed", "false");
  const definitionButton = tool("book", t("Definition"), t("What a region should be"), () => tellDefinition(visit));
  definitionButton.classList.add("definition-button");
  const previous = step("back", t("Back"), () => go(now - 1));
  const next = step("onward", t("Onward"), () => go(now + 1));
  const page = element(
    "div",
    { class: "question" },
    element("h1", { class: "visually-hidden" }, questionOf(visit)),
    side(visit),
    stageHost,
    element(
      "div",
      { class: "answer-area" },
      commentBox,
      previous,
      bar.node,
      next,
      element("div", { class: "answer-tools" }, bareButton, tool("search", t("All of it"), "Z", stage.whole), visit.definition && definitionButton, commentButton),
    ),
  );
  let now = 0;
  let since = 0;
  let timer = 0;
  let commentTimer = 0;
  const listening = new AbortController();

  const item = () => items[now - 1];

  /** @param {number} place */
  function go(place) {
    if (place < 1) return;
    keepComment();
    clearTimeout(timer);
    if (place > items.length) return over();
    now = place;
    since = performance.now();
    if (!page.isConnected) host.replaceChildren(page);
    stage.show(sceneOf(visit, root, item()));
    showBare(false);
    bar.show(item().answer);
    comment.value = item().answer?.comment ?? "";
    commentBox.hidden = !comment.value;
    previous.disabled = now === 1;
    showProgress(items, now);
    fetchAhead(visit, root, items[now]);
  }

  /** @param {{score?: number, choice?: string}} verdict */
  function choose(verdict) {
    tell(verdict);
    bar.show(item().answer);
    showProgress(items, now);
    clearTimeout(timer);
    if (commentBox.hidden) timer = window.setTimeout(onward, ONWARD_MS);
  }

  /** @param {{score?: number | null, choice?: string}} verdict */
  function tell(verdict) {
    const spent = (item().answer?.spent_ms ?? 0) + Math.round(performance.now() - since);
    since = performance.now();
    item().answer = { score: verdict.score ?? null, choice: verdict.choice ?? "", comment: comment.value.trim(), spent_ms: spent };
    say(now, /** @type {Answer} */ (item().answer));
  }

  function keepComment() {
    clearTimeout(commentTimer);
    const said = now ? item().answer : null;
    if (said && said.comment !== comment.value.trim()) tell(said);
  }

  const onward = () => go(now + 1);

  function openComment() {
    clearTimeout(timer);
    commentBox.hidden = false;
    comment.focus();
  }

  /** @param {boolean} wanted */
  function showBare(wanted) {
    stage.bare(wanted);
    bareButton.setAttribute("aria-pressed", String(wanted));
  }

  comment.addEventListener("input", () => {
    clearTimeout(commentTimer);
    commentTimer = window.setTimeout(keepComment, COMMENT_MS);
  });
  comment.addEventListener("blur", keepComment);

  /** @type {Record<string, () => void>} */
  const keys = {
    ...bar.keys,
    "+": stage.nearer, "=": stage.nearer, "-": stage.further, z: stage.whole,
    c: openComment, Backspace: () => go(now - 1), Enter: onward, PageUp: () => go(now - 1), PageDown: onward,
  };
  listen("keydown", (event) => {
    if (!page.isConnected || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target === comment) {
      if (event.key === "Escape") comment.blur();
      return;
    }
    if (event.key === " " && !(event.target instanceof HTMLButtonElement)) {
      event.preventDefault();
      if (!event.repeat) showBare(true);
      return;
    }
    if (event.key === "Enter" && event.target instanceof HTMLButtonElement) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    if (!event.repeat) act();
  });
  listen("keyup", (event) => {
    if (event.key === " " && !(event.target instanceof HTMLButtonElement) && event.target !== comment) showBare(false);
  });

  /** @param {"keydown" | "keyup"} type @param {(event: KeyboardEvent) => void} react */
  function listen(type, react) {
    document.addEventListener(type, react, { signal: listening.signal });
  }

  return {
    go,
    leave() {
      keepComment();
      page.remove();
      find("#part-progress").replaceChildren();
    },
  };
}

/** @param {import("./part.js").Visit} visit @param {string} root @param {Item} item @returns {import("./stage.js").Scene} */
function sceneOf({ kind }, root, { place, width, height }) {
  /** @param {string} side */
  const address = (side) => `${root}/pictures/${place}/${side}`;
  const pictures =
    kind === "preference"
      ? [{ label: t("Division A"), badge: "A", address: address("left") }, { label: t("Division B"), badge: "B", address: address("right") }]
      : [{ label: t("The picture, divided into regions"), badge: "", address: address("masks") }];
  return { width, height, pictures, bare: address("image") };
}

/** What comes next is there when it is wanted. @param {import("./part.js").Visit} visit @param {string} root @param {Item | undefined} item */
function fetchAhead(visit, root, item) {
  if (item) for (const { address } of sceneOf(visit, root, item).pictures) new Image().src = address;
}

/** @param {Item[]} items @param {number} now */
function showProgress(items, now) {
  const answered = items.filter(({ answer }) => answer).length;
  find("#part-progress").replaceChildren(
    element("span", { class: "number" }, t("{n} of {total}", { n: now, total: items.length })),
    element("progress", { max: items.length, value: answered, "aria-label": t("Answered") }),
  );
}

/** @param {import("./part.js").Visit} visit */
const questionOf = ({ kind }) => (kind === "preference" ? t("Which division is better?") : t("How satisfied are you with this division?"));

/** Beside the pictures, where there is room: what is asked, and the keys. @param {import("./part.js").Visit} visit */
function side(visit) {
  const rows = visit.kind === "preference"
    ? [["1 ←", t("A is better")], ["2 →", t("B is better")], ["0 ↓", t("No difference")]]
    : [["0 … 9", t("That score")], ["T", t("Ten")]];
  const general = [["⌫ ⏎", t("Back, onward")], [t("Space"), t("Picture only, while held")], ["+ − Z", t("Nearer, further, all of it")], ["C", t("Comment")]];
  return element(
    "aside",
    { class: "question-side" },
    element("p", { class: "question-asked", "aria-hidden": "true" }, questionOf(visit)),
    ...(visit.definition ? [element("h2", {}, t("What a region should be")), ...paragraphs(visit.definition)] : []),
    element("dl", { class: "part-keys" }, ...[...rows, ...general].map(([key, label]) => element("div", {}, element("dt", {}, element("kbd", {}, key)), element("dd", {}, label)))),
  );
}

/** @param {import("./part.js").Visit} visit */
function tellDefinition({ definition }) {
  const dialog = createDialog(t("What a region should be"));
  const close = element("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, t("Close"));
  dialog.append(element("div", { class: "dialog-body" }, ...paragraphs(definition)), element("div", { class: "dialog-actions" }, close));
  return shown(dialog);
}

/** @param {string} icon @param {string} label @param {string} key @param {() => void} act */
function tool(icon, label, key, act) {
  return element("button", { type: "button", class: "button button-quiet button-small", title: `${label} (${key})`, onclick: act }, spriteIcon(icon), label);
}

/** @param {"back" | "onward"} way @param {string} label @param {() => void} act */
const step = (way, label, act) =>
  element("button", { type: "button", class: `button button-icon-only step-${way}`, "aria-label": label, title: label, onclick: act }, spriteIcon(way === "back" ? "chevron-left" : "chevron-right"));
