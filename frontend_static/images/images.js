/** A project's images: progress, upload, the grid and the way into the work. */
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { emptyState, failedState } from "../shell/empty.js";
import { api, latest, pageData, query, whenQuiet } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { refill, remembering } from "../shell/refill.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile, complain } from "../shell/toast.js";
import { editProject } from "../projects/edit_project.js";
import { renderAttention } from "./attention.js";
import { imageCard } from "./image_card.js";
import { askPredict } from "./predict.js";
import { renderProgress } from "./progress.js";
import { startNext } from "./start_next.js";
import { acceptDrops, createUploader } from "./upload.js";

const PAGE_SIZE = 48;
const { project, ...viewer } = pageData();
const grid = find("#images");
const search = /** @type {HTMLInputElement} */ (find("#search"));
const ordering = /** @type {HTMLSelectElement} */ (find("#ordering"));
const picker = /** @type {HTMLInputElement} */ (find("#files"));

const given = new URLSearchParams(location.search);
const view = { page: Number(given.get("page")) || 1, state: given.get("state") ?? "" };
search.value = given.get("search") ?? "";
ordering.value = given.get("ordering") ?? "id";

const filters = () => ({ work_state: view.state, search: search.value.trim() });
const load = latest((signal) =>
  Promise.all([
    api.get(`projects/${project}`, { signal }),
    api.get(`images${query({ project, page: view.page, page_size: PAGE_SIZE, ordering: ordering.value, ...filters() })}`, { signal }),
  ]),
);

async function refresh() {
  try {
    const answers = await load();
    if (answers) show(answers[0].by_state, answers[1]);
  } catch (problem) {
    grid.replaceChildren(failedState(problem, refresh));
  }
  grid.setAttribute("aria-busy", "false");
  await renderAttention(find("#attention"), { project, ...viewer }).catch(complain);
}

const cards = remembering((/** @type {import("./image_card.js").ImageRow} */ row) => imageCard(row, viewer));

/** @param {Record<string, number>} counts @param {{count: number, results: import("./image_card.js").ImageRow[]}} answer */
function show(counts, { count, results }) {
  renderProgress(find("#progress"), { counts, chosen: view.state, choose });
  find("#toolbar").hidden = find("#progress").hidden;
  refill(grid, results.length ? element("ul", { class: "image-grid" }, ...cards(results)) : nothing());
  renderPager(find("#pager"), { count, page: view.page, pageSize: PAGE_SIZE, show: turnTo });
}

function nothing() {
  if (view.state || search.value) {
    const clear = element("button", { type: "button", class: "button", onclick: clearFilters }, t("Show all images"));
    return emptyState({ title: t("No image matches"), text: t("No image of this project fits the search and the chosen state."), actions: [clear], picture: false });
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

/** @param {number} page */
function turnTo(page) {
  view.page = page;
  const { work_state: state, search: sought } = filters();
  history.replaceState(null, "", query({ page: page > 1 ? page : "", state, search: sought, ordering: ordering.value === "id" ? "" : ordering.value }));
  refresh();
}

/** @param {string} state */
function choose(state) {
  view.state = state;
  turnTo(1);
}

function clearFilters() {
  search.value = "";
  choose("");
}

const requests = watchRequests(find("#requests"), { project, kinds: ["tile", "predict"], onChange: refresh });
const uploader = createUploader({
  project,
  onProgress() {
    refresh();
    requests.look();
  },
});

search.addEventListener("input", whenQuiet(() => turnTo(1)));
ordering.addEventListener("change", () => turnTo(1));
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
refresh();
