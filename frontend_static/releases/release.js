/** One release: figures, digest, files, download; or how far its building is. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { fillOrFail } from "../shell/empty.js";
import { bytes, moment, whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, pageData } from "../shell/page.js";
import { watchRequests } from "../shell/requests.js";
import { busyWhile, complain, note } from "../shell/toast.js";
import { filesTable } from "./files.js";
import { releaseBadge } from "./release_state.js";
import { distributions, splitsText, statisticsTable } from "./statistics.js";

/** @typedef {import("./releases.js").ReleaseRow & {error: string, created_by: string | null, published_at: string | null,
 *   studies: {study: number, report_sha256: string}[], archive_url: string | null, files_url: string | null, statistics: import("./statistics.js").Statistics}} Release */

const { project, release: id, canReview, canAdminister } = pageData();
const host = find("#release");

function refresh() {
  return fillOrFail(host, refresh, async () => {
    /** @type {Release} */
    const release = await api.get(`releases/${id}`);
    host.replaceChildren(head(release), ...content(release));
    if (release.files_url) await showFiles(release.files_url);
  });
}

/** @param {Release} release */
function head(release) {
  const when = release.published_at ? t("Published {date}", { date: moment(release.published_at) }) : t("Begun {date}", { date: moment(release.created_at) });
  return element(
    "header",
    { class: "release-head" },
    element(
      "div",
      {},
      element("h2", {}, release.name, releaseBadge(release.state)),
      element("p", { class: "small" }, [when, release.created_by && t("by {person}", { person: release.created_by })].filter(Boolean).join(" ")),
      release.notes && element("p", { class: "release-notes" }, release.notes),
    ),
    element(
      "div",
      { class: "actions" },
      release.files_url && element("a", { class: "button", href: release.files_url, download: `${release.name}-MANIFEST.json` }, spriteIcon("download"), t("Manifest")),
      release.archive_url && element("a", { class: "button button-primary", href: release.archive_url }, spriteIcon("download"), t("Download, {size}", { size: bytes(release.size_bytes) })),
      release.state === "failed" && canAdminister && discardButton(release),
    ),
  );
}

/** @param {Release} release */
function content(release) {
  if (release.state === "failed") return [element("div", { class: "notice bad", role: "alert" }, spriteIcon("warning"), element("p", {}, release.error || t("The release could not be built.")))];
  if (release.state !== "published") {
    const requests = element("section", { "aria-label": t("Work going on") });
    watchRequests(requests, { project, kinds: ["release"], onChange: (finished) => finished.length && refresh() });
    return [requests, element("p", { class: "soft" }, t("The files are being written. This page shows them when they are complete."))];
  }
  const { statistics } = release;
  return [
    facts(release),
    section(t("Statistics"), statisticsTable(release.name, statistics, t("Statistics of this release and of public datasets")), element("p", { class: "soft small table-note" }, t("Lower convexity and simplicity mean more intricate shapes. Figures of the public datasets: Qi et al., High-Quality Entity Segmentation, ICCV 2023, table 2."))),
    section(t("Distributions"), distributions(statistics)),
    ...(release.studies.length ? [section(t("Consistency studies"), studiesList(release.studies))] : []),
    section(t("Digest"), digest(release.merkle_root)),
    section(t("Files"), element("div", { id: "files", "aria-busy": "true" })),
  ];
}

/** @param {string} title @param {...Node} children */
const section = (title, ...children) => element("section", { class: "section" }, element("h2", {}, title), ...children);

/** @param {Release} release */
function facts({ images, masks, size_bytes: size, statistics }) {
  const rows = [[t("Images"), whole(images)], [t("Masks"), whole(masks)], [t("Terms"), whole(statistics.terms.length)], [t("Archive"), bytes(size)], [t("Splits"), splitsText(statistics)]];
  return element("dl", { class: "facts" }, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", { class: name === t("Splits") ? "long" : "" }, value))));
}

/** The reports in it, by hash; who oversees the project comes to the studies. @param {Release["studies"]} studies */
const studiesList = (studies) =>
  element(
    "ul",
    { class: "carried" },
    ...studies.map(({ study, report_sha256: sha256 }) => {
      const name = t("Study {n}", { n: study });
      return element("li", {}, canReview ? element("a", { href: `/projects/${project}/studies/${study}` }, name) : name, " ", element("code", { class: "soft small" }, sha256));
    }),
  );

/** @param {string} root */
function digest(root) {
  const copy = element("button", { type: "button", class: "button button-small" }, spriteIcon("copy"), t("Copy"));
  copy.addEventListener("click", () => navigator.clipboard.writeText(root).then(() => note(t("Digest copied.")), complain));
  return element(
    "div",
    {},
    element("p", { class: "soft" }, t("Merkle root over the path, size and SHA-256 of every file. Two releases with this root are the same, byte for byte.")),
    element("div", { class: "copyable digest-line" }, element("code", {}, root), copy),
  );
}

/** @param {string} address */
async function showFiles(address) {
  const { files } = await api.get(address);
  const place = find("#files");
  place.replaceChildren(filesTable(files));
  place.setAttribute("aria-busy", "false");
}

/** @param {Release} release */
function discardButton(release) {
  const button = element("button", { type: "button", class: "button" }, spriteIcon("trash"), t("Discard"));
  button.addEventListener("click", () =>
    busyWhile(button, async () => {
      const answer = await askChoice({
        title: t("Discard this failed release?"),
        body: [element("p", {}, t("The name {name} becomes free again.", { name: release.name }))],
        choices: [{ label: t("Cancel"), value: "" }, { label: t("Discard"), value: "discard", kind: "danger" }],
      });
      if (answer !== "discard") return;
      await api.remove(`releases/${release.id}`);
      location.assign(`/projects/${project}/releases`);
    }),
  );
  return button;
}

refresh();
