/** The list of projects and the dialog that creates one. */
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { roleName } from "../shell/roles.js";
import { percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, query, whenQuiet } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { mosaicBar, totalOf } from "../shell/work_states.js";
import { createProject } from "./create_project.js";

/** @typedef {{id: number, name: string, description: string, role: string, members: number, images: number,
 *   by_state: Record<string, number>}} ProjectRow */

const PAGE_SIZE = 24;
const search = find("#project-search");
const toolbar = find("#project-toolbar");
const list = find("#projects");
let page = 1;

const load = latest((signal) =>
  api.get(`projects${query({ page, page_size: PAGE_SIZE, search: sought() })}`, { signal }),
);
const sought = () => /** @type {HTMLInputElement} */ (search).value.trim();

function refresh() {
  list.setAttribute("aria-busy", "true");
  return fillOrFail(list, refresh, async () => {
    const answer = await load();
    if (answer) show(answer);
  });
}

/** @param {{count: number, results: ProjectRow[]}} answer */
function show({ count, results }) {
  toolbar.hidden = !sought() && count <= 6;
  list.replaceChildren(results.length ? element("ul", { class: "project-grid" }, ...results.map(card)) : nothing());
  renderPager(find("#pager"), {
    count, page, pageSize: PAGE_SIZE,
    show(target) {
      page = target;
      refresh();
    },
  });
}

function nothing() {
  if (sought()) return emptyState({ title: t("No project matches"), text: t("Try fewer letters, or clear the search."), picture: false });
  const create = element("button", { type: "button", class: "button button-primary", onclick: createProject }, spriteIcon("plus"), t("Create your first project"));
  return emptyState({
    title: t("No projects yet"),
    text: t("Create one and upload images, or ask an admin of an existing project to add you as a member."),
    actions: [create],
  });
}

/** @param {ProjectRow} project */
function card(project) {
  const total = totalOf(project.by_state);
  const accepted = project.by_state.accepted ?? 0;
  return element(
    "li",
    {},
    element(
      "article",
      { class: "card project-card" },
      element(
        "div",
        { class: "head" },
        element("h2", {}, element("a", { href: `/projects/${project.id}` }, project.name)),
        element("span", { class: "badge plain" }, roleName(project.role)),
      ),
      project.description && element("p", { class: "description" }, project.description),
      element(
        "div",
        { class: "bottom" },
        element(
          "p",
          { class: "line number" },
          element("span", {}, total ? t("{accepted} of {total} accepted", { accepted, total }) : t("No images yet")),
          total > 0 && element("span", { class: "soft" }, percent(accepted / total, 0)),
        ),
        mosaicBar(project.by_state),
        element("p", { class: "line soft number" }, element("span", {}, plural(project.members, "{n} member", "{n} members")), waiting(project.by_state)),
      ),
    ),
  );
}

/** What most calls for someone's attention. @param {Record<string, number>} counts */
function waiting(counts) {
  if (counts.returned) return element("span", {}, plural(counts.returned, "{n} returned", "{n} returned"));
  return counts.submitted ? element("span", {}, t("{n} waiting for review", { n: counts.submitted })) : null;
}

find("#create-project").addEventListener("click", createProject);
search.addEventListener("input", whenQuiet(() => {
  page = 1;
  refresh();
}));
refresh();
