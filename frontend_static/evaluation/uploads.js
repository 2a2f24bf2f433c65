/** Files of masks from elsewhere: uploading them, what was read, and what was left out of them. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { acceptDrops } from "../images/upload.js";
import { failedState } from "../shell/empty.js";
import { ago } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, latest, query } from "../shell/page.js";
import { refill } from "../shell/refill.js";
import { complain, note } from "../shell/toast.js";
import { askUpload } from "./ask_upload.js";
import { problemList } from "./left_out.js";
import { isOpen, workBadge } from "./report_row.js";
import { section } from "./section.js";

/** @typedef {import("./report_row.js").Problem} Problem */
/** @typedef {{id: number, name: string, format: string, state: import("./report_row.js").WorkState, images: number, masks: number, problems: Problem[],
 *   sha256: string, error: string, created_by: string | null, created_at: string}} UploadRow */

const POLL_MS = 2000;
const FORMATS = /** @type {Record<string, string>} */ ({ coco_instances: "COCO instances", coco_results: "COCO results", coco_panoptic: "COCO panoptic", entityseg: "EntitySeg" });

/** @param {HTMLElement} host @param {{project: number, canCurate: boolean, judge: (upload: number) => void}} options */
export function createUploads(host, { project, canCurate, judge }) {
  let timer = 0;
  const load = latest((signal) => api.get(`evaluation-uploads${query({ project, page_size: 20 })}`, { signal }));

  async function refresh() {
    clearTimeout(timer);
    try {
      const answer = await load();
      if (answer) show(answer.results);
    } catch (problem) {
      host.replaceChildren(failedState(problem, refresh));
    }
  }

  /** @param {UploadRow[]} rows */
  function show(rows) {
    const list = rows.length
      ? element("ul", { class: "upload-list" }, ...rows.map((row) => card(row)))
      : element("p", { class: "soft" }, t("Masks from elsewhere can be judged, or be taken for true: COCO instances or results, EntitySeg, or COCO panoptic as a zip. Drop the file anywhere on this page."));
    refill(host, section("uploads-list", t("Uploaded masks"), list));
    if (rows.some(isOpen)) timer = window.setTimeout(refresh, POLL_MS);
  }

  /** @param {UploadRow} row */
  function card(row) {
    const about = [FORMATS[row.format], row.state === "succeeded" && plural(row.images, "{n} image", "{n} images"), row.state === "succeeded" && plural(row.masks, "{n} mask", "{n} masks"), ago(row.created_at), row.created_by && t("by {person}", { person: row.created_by })];
    const left = row.problems.reduce((sum, { count }) => sum + count, 0);
    return element(
      "li",
      { class: "card upload-row" },
      element(
        "div",
        { class: "upload-line" },
        element("div", { class: "grow" }, element("h3", {}, row.name, row.state !== "succeeded" && workBadge(row.state)), element("p", { class: "soft small number" }, about.filter(Boolean).join(" · "))),
        canCurate && row.state === "succeeded" && element("button", { type: "button", class: "button button-small", "aria-label": t("Judge {name}", { name: row.name }), onclick: () => judge(row.id) }, t("Judge")),
        canCurate && !isOpen(row) && element("button", { type: "button", class: "button button-small button-quiet", "aria-label": t("Delete {name}", { name: row.name }), onclick: () => remove(row).catch(complain) }, spriteIcon("trash")),
      ),
      isOpen(row) && element("progress", { "aria-label": t("Reading {name}", { name: row.name }) }),
      row.state === "failed" && element("p", { class: "small report-error" }, row.error),
      left > 0 && element("details", { class: "upload-problems" }, element("summary", {}, plural(left, "{n} record was left out or changed", "{n} records were left out or changed")), problemList(row.problems)),
    );
  }

  /** @param {UploadRow} row */
  async function remove(row) {
    const answer = await askChoice({
      title: t("Delete these uploaded masks?"),
      body: [element("p", {}, t("Reports that used {name} keep their figures; their pictures of it go.", { name: row.name }))],
      choices: [{ label: t("Cancel"), value: "" }, { label: t("Delete"), value: "delete", kind: "danger" }],
    });
    if (answer !== "delete") return;
    await api.remove(`evaluation-uploads/${row.id}`);
    note(t("{name} is deleted.", { name: row.name }));
    await refresh();
  }

  /** @param {File} [file] */
  const ask = async (file) => {
    if (await askUpload(project, file)) await refresh();
  };
  if (canCurate) acceptDrops(find("#drop-veil"), ([file]) => file && ask(file).catch(complain));
  refresh();
  return { ask };
}
