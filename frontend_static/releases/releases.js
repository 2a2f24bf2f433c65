/** A project's releases: the list, and the dialog that publishes a new one. */
import { askForm } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { emptyState, fillOrFail } from "../shell/empty.js";
import { field, textArea, textInput, textOf } from "../shell/fields.js";
import { bytes, day } from "../shell/formats.js";
import { api, pageData, query } from "../shell/page.js";
import { renderPager } from "../shell/pager.js";
import { watchRequests } from "../shell/requests.js";
import { complain, note } from "../shell/toast.js";
import { releaseBadge } from "./release_state.js";

/** @typedef {{id: number, name: string, notes: string, state: string, merkle_root: string, images: number, masks: number,
 *   size_bytes: number, created_at: string, error?: string}} ReleaseRow */

const PAGE_SIZE = 25;
const { project, canAdminister } = pageData();
const host = find("#releases");
let page = 1;

function refresh() {
  return fillOrFail(host, refresh, async () => {
    const [answer, { by_state: counts }] = await Promise.all([
      api.get(`releases${query({ project, page, page_size: PAGE_SIZE })}`),
      api.get(`projects/${project}`),
    ]);
    show(answer, counts.accepted ?? 0);
  });
}

/** @param {{count: number, results: ReleaseRow[]}} answer @param {number} accepted images that could be released */
function show({ count, results }, accepted) {
  host.replaceChildren(results.length ? element("ul", { class: "release-list" }, ...results.map(card)) : nothing(accepted));
  renderPager(find("#pager"), {
    count, page, pageSize: PAGE_SIZE,
    show(target) {
      page = target;
      refresh();
    },
  });
}

/** What is missing for a first release. @param {number} accepted */
function nothing(accepted) {
  const about = t("A release is a fixed, checksummed copy of the accepted annotations, with splits and statistics; it never changes.");
  if (!accepted) {
    const work = element("a", { class: "button", href: `/projects/${project}` }, t("Go to the images"));
    return emptyState({ title: t("Nothing to release yet"), text: `${about} ${t("It needs at least one accepted annotation: annotate an image, submit it and have it reviewed.")}`, actions: [work] });
  }
  const publish = element("button", { type: "button", class: "button button-primary", onclick: () => create().catch(complain) }, t("Publish the first release"));
  return emptyState({
    title: t("No releases yet"),
    text: [about, plural(accepted, "{n} image is ready for one.", "{n} images are ready for one."), canAdminister ? "" : t("An admin of the project can publish it.")].join(" "),
    actions: [canAdminister && publish],
  });
}

/** @param {ReleaseRow} release */
function card(release) {
  const published = release.state === "published";
  return element(
    "li",
    { class: "card release-card" },
    element(
      "div",
      {},
      element("h3", {}, element("a", { href: `/projects/${project}/releases/${release.id}` }, release.name), releaseBadge(release.state)),
      published
        ? element("p", { class: "root mono" }, release.merkle_root)
        : element("p", { class: "soft" }, release.error || t("The files are being written.")),
    ),
    element(
      "div",
      { class: "figures" },
      published && element("p", {}, [plural(release.images, "{n} image", "{n} images"), plural(release.masks, "{n} mask", "{n} masks"), bytes(release.size_bytes)].join(" · ")),
      element("p", { class: "small" }, day(release.created_at)),
    ),
  );
}

async function create() {
  const made = await askForm({
    title: t("New release"),
    body: [
      element("p", { class: "soft" }, t("All annotations that are accepted now go into it. Once published it never changes and cannot be deleted.")),
      field(t("Name"), textInput("name", { required: true, maxlength: 100, placeholder: "v1.0", autocomplete: "off" })),
      field(t("Notes"), textArea("notes", "", { placeholder: t("What is in it, and what has changed") })),
    ],
    accept: t("Publish"),
    submit: (data) => api.post("releases", { project, name: textOf(data, "name"), notes: textOf(data, "notes") }),
  });
  if (!made) return;
  note(t("The release is being built."));
  requests.look();
  await refresh();
}

const requests = watchRequests(find("#requests"), { project, kinds: ["release"], onChange: refresh });
document.querySelector("#create-release")?.addEventListener("click", () => create().catch(complain));
refresh();
