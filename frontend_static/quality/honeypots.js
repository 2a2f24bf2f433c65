/** The honeypots of a project: whether they are given out, how each was met, and for admins adding and retiring. */
import { askChoice } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { failedState } from "../shell/empty.js";
import { percent, whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill } from "../shell/refill.js";
import { note } from "../shell/toast.js";
import { askHoneypot } from "./add_honeypot.js";
import { askPolicy } from "./honeypot_policy.js";
import { orDash, twoDigits } from "./words.js";

/** @typedef {{id: number, image: number, file_name: string, trusted: number, origin: string, state: string, agreement: number | null, reason: string,
 *   given: number, scored: number, passed: number, mean_pq: number | null}} HoneypotRow */
/** @typedef {{images: number, annotators: number, honeypots: number}} Readiness */
/** @typedef {{mode: "off" | "auto" | "on", first_pieces: number, share: number, pass_pq: number, least_agreement: number, most_uses: number,
 *   tells_annotators: boolean, is_on: boolean, has: Readiness, needs: Readiness}} Policy */

const PAGE_SIZE = 20;
const { project, canAdminister } = pageData();

/** @param {HTMLElement} host */
export function createHoneypots(host) {
  let page = 1;
  const load = latest((signal) =>
    Promise.all([
      api.get(`projects/${project}/honeypot-policy`, { signal }),
      api.get(`honeypots${query({ project, page, page_size: PAGE_SIZE })}`, { signal }),
    ]),
  );

  async function refresh() {
    host.setAttribute("aria-busy", "true");
    try {
      const answer = await load();
      if (!answer) return;
      const [policy, found] = answer;
      show(policy, found);
    } catch (problem) {
      host.replaceChildren(failedState(problem, refresh));
    }
    host.setAttribute("aria-busy", "false");
  }

  /** @param {Policy} policy @param {{count: number, results: HoneypotRow[]}} found */
  function show(policy, { count, results }) {
    const pager = element("nav", { "aria-label": t("Pages of honeypots") });
    refill(
      host,
      element(
        "section",
        { class: "card padded honeypots", "aria-labelledby": "honeypots-name" },
        element(
          "header",
          { class: "person-head" },
          element("h3", { id: "honeypots-name" }, t("Honeypots"), " ", element("span", { class: `badge ${policy.is_on ? "good" : ""}` }, policy.is_on ? t("On") : t("Off"))),
          canAdminister && element(
            "span",
            { class: "actions" },
            element("button", { type: "button", class: "button button-small", data: { key: "policy" }, onclick: () => askPolicy(project, policy, refresh) }, spriteIcon("gear"), t("Settings")),
            element("button", { type: "button", class: "button button-small", data: { key: "add" }, onclick: () => askHoneypot(project, refresh) }, spriteIcon("plus"), t("Add honeypots")),
          ),
        ),
        element("p", { class: "soft" }, t("Images whose true masks are known, given to annotators among their other work without a sign. What they draw there is compared with the trusted map and nothing else: it is neither published nor learned from.")),
        element("p", { class: "small" }, stateText(policy)),
        results.length ? table(results, refresh) : element("p", { class: "soft small" }, t("There are none yet. Images of closed studies whose annotators agreed become honeypots by themselves; an admin can add accepted images by hand.")),
        pager,
      ),
    );
    renderPager(pager, { count, page, pageSize: PAGE_SIZE, show: (wanted) => { page = wanted; refresh(); } });
  }
  return { refresh };
}

/** @param {Policy} policy */
function stateText({ mode, is_on: isOn, first_pieces: first, share, has, needs }) {
  if (isOn) {
    const begin = plural(first, "A person's first piece of work is one", "A person's first {n} pieces of work are some");
    return t("{begin}, then about {share} of what follows, as far as there are honeypots they have not seen.", { begin, share: percent(share, 0) });
  }
  if (mode === "off") return t("Switched off by an admin.");
  return t("They switch themselves on at {images} images, {annotators} annotators and {honeypots} honeypots; there are {hasImages}, {hasAnnotators} and {hasHoneypots}.", {
    images: needs.images, annotators: needs.annotators, honeypots: needs.honeypots,
    hasImages: has.images, hasAnnotators: has.annotators, hasHoneypots: has.honeypots,
  });
}

/** @param {HoneypotRow[]} rows @param {() => void} changed */
function table(rows, changed) {
  const heads = [t("Image"), t("From"), t("Agreement"), t("Given"), t("Passed"), t("Mean PQ"), t("State"), ...(canAdminister ? [t("Action")] : [])];
  return element(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("List of honeypots") },
    element(
      "table",
      {},
      element("caption", { class: "visually-hidden" }, t("Honeypots")),
      element("thead", {}, element("tr", {}, ...heads.map((name, n) => element("th", { scope: "col", class: n > 1 && n < 6 ? "right" : "" }, name)))),
      element("tbody", {}, ...rows.map((row) => line(row, changed))),
    ),
  );
}

/** @param {HoneypotRow} row @param {() => void} changed */
function line(row, changed) {
  const figures = [orDash(row.agreement, twoDigits), whole(row.given), row.scored ? t("{n} of {all}", { n: row.passed, all: row.scored }) : "–", orDash(row.mean_pq, twoDigits)];
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("a", { href: `/annotate/${row.trusted}`, title: t("The trusted map") }, row.file_name)),
    element("td", {}, row.origin === "study" ? t("a study") : t("by hand")),
    ...figures.map((text) => element("td", { class: "right" }, text)),
    element("td", {}, stateBadge(row), row.reason && element("small", { class: "soft" }, ` ${row.reason}`)),
    canAdminister && element("td", {}, row.state !== "retired" && element("button", { type: "button", class: "button button-small", data: { key: `retire-${row.id}` }, "aria-label": t("Retire {name}", { name: row.file_name }), onclick: () => askRetire(row, changed) }, t("Retire"))),
  );
}

/** @param {HoneypotRow} row */
function stateBadge({ state }) {
  if (state === "active") return element("span", { class: "badge good" }, t("In use"));
  return state === "doubtful" ? element("span", { class: "badge warn" }, t("Doubtful")) : element("span", { class: "badge" }, t("Retired"));
}

/** @param {HoneypotRow} row @param {() => void} changed */
async function askRetire(row, changed) {
  const answer = await askChoice({
    title: t("Retire {name}?", { name: row.file_name }),
    body: [element("p", {}, t("Nobody gets it any more. What people drew on it stays in their figures. It cannot be used again."))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Retire"), value: "retire", kind: "danger" }],
  });
  if (answer !== "retire") return;
  await api.post(`honeypots/${row.id}/retire`);
  note(t("{name} is retired.", { name: row.file_name }));
  changed();
}
