/** Alarms: what left its limits and when, who looked into it, and what they found. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { day, moment } from "../shell/formats.js";
import { field, textArea, textOf } from "../shell/fields.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";
import { CHARTS, orDash, RULES } from "./words.js";

/** @typedef {{id: number, username: string, name: string, measure: string, rule: string, first_at: string, last_at: string, value: number,
 *   centre: number | null, limit: number | null, created_at: string, acknowledged_at: string | null, acknowledged_by: string | null, note: string}} AlarmRow */
/** @typedef {{csv?: string, changed: () => void, choose: ((username: string) => void) | null}} Options choose: null where the person is shown already */

const MOST_SHOWN = 8;
const LONGEST_NOTE = 2000;

/** @param {AlarmRow[]} alarms those that wait first @param {Options} options */
export function alarmList(alarms, options) {
  const waiting = alarms.filter((alarm) => !alarm.acknowledged_at);
  const done = alarms.filter((alarm) => alarm.acknowledged_at);
  const head = waiting.length ? plural(waiting.length, "{n} alarm", "{n} alarms") : t("No alarms");
  return element(
    "section",
    { class: `alarms ${waiting.length ? "is-waiting" : ""}`, "aria-labelledby": "alarms-name" },
    element("h3", { id: "alarms-name" }, head, options.csv && alarms.length > 0 && element("a", { class: "small", href: options.csv, download: "" }, t("Download CSV"))),
    !waiting.length && element("p", { class: "soft small" }, t("Nobody has left the limits of what is usual here since the last alarm was looked into.")),
    ...lists(waiting, options),
    done.length > 0 && element("details", {}, element("summary", {}, plural(done.length, "{n} acknowledged", "{n} acknowledged")), element("ul", { class: "alarm-list" }, ...done.map((alarm) => line(alarm, options)))),
  );
}

/** The first ones, and the rest folded. @param {AlarmRow[]} alarms @param {Options} options */
function lists(alarms, options) {
  if (!alarms.length) return [];
  const rest = alarms.slice(MOST_SHOWN);
  return [
    element("ul", { class: "alarm-list" }, ...alarms.slice(0, MOST_SHOWN).map((alarm) => line(alarm, options))),
    ...(rest.length ? [element("details", {}, element("summary", {}, plural(rest.length, "{n} more alarm", "{n} more alarms")), element("ul", { class: "alarm-list" }, ...rest.map((alarm) => line(alarm, options))))] : []),
  ];
}

/** @param {AlarmRow} alarm @param {Options} options */
function line(alarm, { changed, choose }) {
  const chart = CHARTS[alarm.measure];
  const when = day(alarm.first_at) === day(alarm.last_at) ? day(alarm.first_at) : t("{first} to {last}", { first: day(alarm.first_at), last: day(alarm.last_at) });
  const figures = t("{value}; usual is {centre}, the limit {limit}.", { value: chart.format(alarm.value), centre: orDash(alarm.centre, chart.format), limit: orDash(alarm.limit, chart.format) });
  return element(
    "li",
    { class: `notice ${alarm.acknowledged_at ? "" : "bad"}` },
    element(
      "div",
      { class: "grow" },
      element("p", {}, choose ? element("button", { type: "button", class: "link", onclick: () => choose(alarm.username) }, alarm.name) : element("b", {}, alarm.name), ` · ${chart.name()} · ${RULES[alarm.rule]()}`),
      element("p", { class: "soft small" }, `${when} · ${alarm.rule === "failed_twice" ? t("PQ {value}", { value: chart.format(alarm.value) }) : figures}`),
      alarm.acknowledged_at && element("p", { class: "small" }, t("{person}, {time}: {note}", { person: alarm.acknowledged_by ?? "–", time: moment(alarm.acknowledged_at), note: alarm.note })),
    ),
    !alarm.acknowledged_at && element("button", { type: "button", class: "button button-small", "aria-label": t("Acknowledge the alarm of {name}: {measure}", { name: alarm.name, measure: chart.name() }), onclick: () => acknowledge(alarm, changed) }, t("Acknowledge")),
  );
}

/** @param {AlarmRow} alarm @param {() => void} changed */
async function acknowledge(alarm, changed) {
  const done = await askForm({
    title: t("Acknowledge this alarm?"),
    body: [
      element("p", {}, `${alarm.name} · ${CHARTS[alarm.measure].name()} · ${RULES[alarm.rule]()}`),
      field(t("What did you find?"), textArea("note", "", { required: true, maxlength: LONGEST_NOTE, rows: 4 }), t("The note stays with the alarm. The same event does not alarm again.")),
    ],
    accept: t("Acknowledge"),
    submit: (data) => api.post(`alarms/${alarm.id}/acknowledge`, { note: textOf(data, "note") }),
  });
  if (!done) return;
  note(t("The alarm is acknowledged."));
  changed();
}
