/** My queue: what waits for this person in all projects, and what they did today. */
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { duration } from "../dashboard/durations.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { whole } from "../shell/formats.js";
import { api, latest, query } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { busyWhile, complain } from "../shell/toast.js";
import { giveBack } from "./give_back.js";
import { openNext } from "./next_work.js";
import { listenToQueueKeys } from "./queue_keys.js";
import { queueRow } from "./queue_row.js";

/** @typedef {import("./queue_row.js").QueueRow} QueueRow */
/** @typedef {import("./queue_row.js").Kind} Kind */
/** @typedef {{count: number, results: QueueRow[]}} Listed */
/** @typedef {Record<Kind, Listed> & {today: {images: number, masks: number, active_ms: number}}} QueueAnswer */

const MOST_COUNTED = 1000;
const host = find("#queue");
const next = /** @type {HTMLButtonElement} */ (find("#next"));

/** @type {() => {kind: Kind, title: string, tone: string}[]} in the order of urgency */
const sections = () => [
  { kind: "returned", title: t("Returned to you"), tone: "bad" },
  { kind: "open", title: t("Begun or given to you"), tone: "info" },
  { kind: "to_review", title: t("Waits for your review"), tone: "warn" },
  { kind: "waiting", title: t("Your work, waiting for a reviewer"), tone: "" },
  { kind: "done", title: t("Done"), tone: "good" },
];

/** When today began here, as the server is to count it. */
function todayBegan() {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  return midnight.toISOString().replace("Z", "+00:00");
}

const load = latest((signal) => api.get(`queue${query({ since: todayBegan() })}`, { signal }));

function refresh() {
  return fillOrFail(host, refresh, async () => {
    /** @type {QueueAnswer | undefined} */
    const answer = await load();
    if (answer) show(answer);
  });
}

/** @param {QueueAnswer} answer */
function show(answer) {
  find("#today").replaceChildren(figures(answer.today));
  const filled = sections().filter(({ kind }) => answer[kind].count > 0);
  refill(host, ...(filled.length ? filled.map((section) => list(section, answer[section.kind])) : [nothing()]));
}

/** @param {QueueAnswer["today"]} today */
function figures({ images, masks, active_ms: active }) {
  const pairs = [
    [t("Images submitted today"), whole(images)],
    [t("Masks in them"), whole(masks)],
    [t("Active time today"), duration(active)],
  ];
  return element("dl", { class: "facts" }, ...pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/** @param {{kind: Kind, title: string, tone: string}} section @param {Listed} listed */
function list({ kind, title, tone }, { count, results }) {
  const shown = count >= MOST_COUNTED ? t("{n} or more", { n: whole(count) }) : whole(count);
  const rows = element("ul", { class: "queue-list" }, ...results.map((row) => queueRow(kind, row, { giveBack: askGiveBack, goOn })));
  const rest = count - results.length;
  const more = rest > 0 && element("p", { class: "soft small" }, plural(rest, "and {n} more", "and {n} more"));
  const head = element("span", { class: "queue-title" }, title, " ", element("span", { class: `badge plain ${tone}` }, shown));
  return element(
    "details",
    { class: "queue-section", open: kind !== "done" },
    element("summary", { "data-key": kind }, element("h2", {}, head)),
    rows,
    more,
  );
}

function nothing() {
  const projects = element("a", { class: "button", href: "/" }, t("Go to your projects"));
  const begin = element("button", { type: "button", class: "button button-primary", onclick: () => openNext().catch(complain) }, t("Take the next image"));
  return emptyState({
    title: t("Nothing waits for you"),
    text: t("Take the next image, and it appears here until it is accepted. What a reviewer returns to you comes first."),
    actions: [begin, projects],
  });
}

/** @param {QueueRow} row */
async function askGiveBack(row) {
  try {
    if (await giveBack(row)) await refresh();
  } catch (problem) {
    complain(problem);
  }
}

/** @param {QueueRow} row */
async function goOn(row) {
  try {
    const { editor_url: url } = await api.post(`assignments/${row.assignment}/go-on`, { annotation: row.given_back?.annotation });
    location.assign(url);
  } catch (problem) {
    complain(problem);
  }
}

next.addEventListener("click", () => busyWhile(next, () => openNext()));
listenToQueueKeys(host, {
  next: () => next.click(),
  giveBack: (assignment) => /** @type {HTMLElement | null} */ (host.querySelector(`[data-assignment="${assignment}"] .queue-acts button`))?.click(),
});
document.addEventListener("visibilitychange", () => !document.hidden && refresh());
refresh();
