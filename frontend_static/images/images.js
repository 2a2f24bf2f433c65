/** A project's images: progress, upload, the grid and the way into the work. */
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { api, latest, pageData, query, whenQuiet } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill, remembering } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile, complain } from "../shell/toast.js";
import { editProject } from "../projects/edit_project.js";
import { renderAttention } from "./attention.js";
import { createBulkBar } from "./bulk.js";
import { renderFilterChips } from "./filter_chips.js";
import { createFilterPanel } from "./filter_panel.js";
import { addressOf, isNarrowed, questionOf, readFilters, widened } from "./filters.js";
import { listenToGridKeys } from "./grid_keys.js";
import { imageCard } from "./image_card.js";
import { askPredict } from "./predict.js";
import { renderProgress } from "./progress.js";
import { createSelection } from "./selection.js";
import { startNext } from "./start_next.js";
import { acceptDrops, createUploader } from "./upload.js";

const PAGE_SIZE = 48;
const { project, ...viewer } = pageData();
const grid = find("#images");
const search = /** @type {HTMLInputElement} */ (find("#search"));
const ordering = /** @type {HTMLSelectElement} */ (find("#ordering"));
const picker = /** @type {HTMLInputElement} */ (find("#files"));
const panelOpener = find("#open-filters");
const withMasks = /** @type {HTMLInputElement} */ (find("#with-masks"));
withMasks.checked = localStorage.getItem("images.withMasks") === "yes";

let filters = readFilters(location.search);
/** @type {number[]} ids of the images shown */
let shown = [];
/** @type {import("./filter_panel.js").Member[]} */
let members = [];
/** @type {Map<number, string>} names of the terms that are filtered by */
const termNames = new Map();

const load = latest((signal) =>
  Promise.all([
    api.get(`projects/${project}`, { signal }),
    api.get(`images${query({ project, page_size: PAGE_SIZE, ...questionOf(filters) })}`, { signal }),
  ]),
);

async function refresh() {
  await fillOrFail(grid, refresh, async () => {
    const answers = await load();
    if (answers) show(answers[0].by_state, answers[1]);
  });
  await renderAttention(find("#attention"), { project, ...viewer }).catch(complain);
}

const selection = createSelection(showSelection);
const choosing = viewer.canReview ? (/** @type {number} */ id, /** @type {boolean} */ chosen, /** @type {boolean} */ toLast) => selection.set(id, chosen, shown, toLast) : null;
const cards = remembering((/** @type {import("./image_card.js").ImageRow} */ row) => imageCard(row, viewer, choosing));
const bulk = createBulkBar(find("#bulk"), { project, viewer, selection, members: () => members, page: () => shown, done: () => refresh() });
const panel = createFilterPanel(find("#filter-panel"), { project, filters: () => filters, change, knowTerm: ({ id, name }) => termNames.set(id, name) });

/** @param {Record<string, number>} counts
 *  @param {{count: number, count_is_exact: boolean, results: import("./image_card.js").ImageRow[]}} answer */
function show(counts, { count, count_is_exact: isExact, results }) {
  shown = results.map(({ id }) => id);
  renderProgress(find("#progress"), { counts, chosen: filters.state, choose: (state) => change({ state }) });
  find("#toolbar").hidden = find("#progress").hidden;
  renderFilterChips(find("#filter-chips"), { filters, termName: (id) => termNames.get(id) ?? `#${id}`, change });
  find("#result-count").textContent = isExact ? plural(count, "{n} image", "{n} images") : t("{n} images or more", { n: count });
  const rows = results.map((row) => ({ ...row, withMasks: withMasks.checked }));
  refill(grid, rows.length ? element("ul", { class: "image-grid" }, ...cards(rows)) : nothing());
  renderPager(find("#pager"), { count, page: filters.page, pageSize: PAGE_SIZE, show: (page) => change({ page }) });
  showSelection();
}

function showSelection() {
  for (const item of /** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll("li[data-image]"))) {
    const isChosen = selection.has(Number(item.dataset.image));
    item.classList.toggle("chosen", isChosen);
    const box = item.querySelector(".chooser input");
    if (box instanceof HTMLInputElement) box.checked = isChosen;
  }
  bulk.show();
}

/** Narrow, order or turn the page; the address follows, so that back and reload work. @param {Partial<import("./filters.js").Filters>} wanted */
function change(wanted) {
  filters = { ...filters, page: 1, ...wanted };
  history.pushState(null, "", query(addressOf(filters)));
  showFilters();
  refresh();
}

function showFilters() {
  if (document.activeElement !== search) search.value = filters.search;
  ordering.value = filters.ordering;
  panel.show();
}

/** The people and the terms that the address may speak of. */
async function loadNames() {
  const [people, ...terms] = await Promise.all([
    api.get(`memberships${query({ project, page_size: 200 })}`),
    ...filters.terms.map((id) => api.get(`terms/${id}`).catch(() => null)),
  ]);
  members = people.results;
  for (const term of terms) if (term) termNames.set(term.id, term.name);
  panel.setMembers(members);
  renderFilterChips(find("#filter-chips"), { filters, termName: (id) => termNames.get(id) ?? `#${id}`, change });
}

function nothing() {
  if (isNarrowed(filters)) {
    const clear = element("button", { type: "button", class: "button", onclick: () => change(widened(filters)) }, t("Show all images"));
    return emptyState({ title: t("No image matches"), text: t("No image of this project fits the search and the filters."), actions: [clear], picture: false });
  }
  if (!viewer.canCurate) {
    return emptyState({ title: t("This project has no images yet"), text: t("A curator or an admin of the project uploads them. Come back when there is something to annotate.") });
  }
  const choose = element("button", { type: "button", class: "button button-primary", onclick: () => picker.click() }, t("Choose images"));
  return emptyState({
    title: t("This project has no images yet"),
    text: t("Drop image files anywhere on this page, or choose them. JPEG, PNG, TIFF and WebP are taken; each file is checked and prepared for the editor."),
    actions: [choose],
  });
}

const requests = watchRequests(find("#requests"), { project, kinds: ["tile", "predict"], onChange: refresh });
const uploader = createUploader({
  project,
  onProgress() {
    refresh();
    requests.look();
  },
});

search.addEventListener("input", whenQuiet(() => change({ search: search.value.trim() })));
ordering.addEventListener("change", () => change({ ordering: ordering.value }));
withMasks.addEventListener("change", () => {
  localStorage.setItem("images.withMasks", withMasks.checked ? "yes" : "no");
  refresh();
});
panelOpener.addEventListener("click", () => setPanelOpen(Boolean(find("#filter-panel").hidden)));
addEventListener("popstate", () => {
  filters = readFilters(location.search);
  showFilters();
  refresh();
});
listenToGridKeys(grid, search, (image, toLast) => choosing?.(image, !selection.has(image), toLast));

/** @param {boolean} open */
function setPanelOpen(open) {
  find("#filter-panel").hidden = !open;
  panelOpener.setAttribute("aria-expanded", String(open));
}

document.querySelector("#upload")?.addEventListener("click", () => picker.click());
picker.addEventListener("change", () => {
  uploader.upload([...(picker.files ?? [])]);
  picker.value = "";
});
if (viewer.canCurate) acceptDrops(find("#drop-veil"), uploader.upload);

const start = /** @type {HTMLButtonElement} */ (find("#start-next"));
start.addEventListener("click", () => busyWhile(start, () => startNext(project)));
document.querySelector("#predict")?.addEventListener("click", async () => {
  if (await askPredict({ project }).catch(complain)) requests.look();
});
document.querySelector("#settings")?.addEventListener("click", () => editProject(project).catch(complain));
showFilters();
loadNames().catch(complain);
refresh();
