/** Uploading many files: in small batches, so that progress is visible and one refusal stops nothing. */
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { spriteIcon } from "../shell/icons.js";
import { api } from "../shell/page.js";
import { inBatches } from "./batches.js";

/** @typedef {{accepted: {file_name: string}[], refused: {file_name: string, error: string}[]}} UploadAnswer */

/**
 * @param {{project: number, onProgress: () => void}} options onProgress: called after each batch
 */
export function createUploader({ project, onProgress }) {
  const panel = find("#upload-panel");
  let running = false;

  /** @param {File[]} files */
  async function upload(files) {
    if (!files.length || running) return;
    running = true;
    const board = resultBoard(panel, files.length);
    for (const batch of inBatches(files)) {
      await send(batch, board);
      onProgress();
    }
    board.finish();
    running = false;
  }

  /** @param {File[]} batch @param {ReturnType<typeof resultBoard>} board */
  async function send(batch, board) {
    const form = new FormData();
    form.append("project", String(project));
    for (const file of batch) form.append("files", file);
    try {
      /** @type {UploadAnswer} */
      const { accepted, refused } = await api.upload("images", form);
      for (const { file_name } of accepted) board.add(file_name, "");
      for (const { file_name, error } of refused) board.add(file_name, error);
    } catch (problem) {
      for (const { name } of batch) board.add(name, problem instanceof Error ? problem.message : String(problem));
    }
  }

  return { upload };
}

/** @param {HTMLElement} panel @param {number} total */
function resultBoard(panel, total) {
  let done = 0;
  let refusals = 0;
  const title = element("h2", {}, plural(total, "Uploading {n} file…", "Uploading {n} files…"));
  const bar = element("progress", { max: total, value: 0, "aria-label": t("Upload") });
  const list = element("ul", { class: "upload-results" });
  const close = element("button", { type: "button", class: "button button-small", hidden: true, onclick: () => (panel.hidden = true) }, t("Close"));
  panel.replaceChildren(element("div", { class: "card upload-card" }, element("div", { class: "upload-head" }, element("div", { class: "grow", role: "status" }, title), close), bar, list));
  panel.hidden = false;
  return {
    /** @param {string} fileName @param {string} refusal empty if it was taken */
    add(fileName, refusal) {
      done += 1;
      refusals += refusal ? 1 : 0;
      bar.value = done;
      const line = element(
        "li",
        { class: refusal ? "bad" : "good" },
        spriteIcon(refusal ? "warning" : "check"),
        element("span", {}, fileName),
        element("span", { class: refusal ? "" : "soft" }, refusal || t("Uploaded")),
      );
      if (refusal) list.prepend(line);
      else list.append(line);
    },
    finish() {
      const taken = plural(done - refusals, "{n} file uploaded", "{n} files uploaded");
      title.textContent = refusals ? t("{taken}, {n} refused", { taken, n: refusals }) : taken;
      bar.hidden = true;
      close.hidden = false;
    },
  };
}

/**
 * Files dropped anywhere on the page.
 * @param {HTMLElement} veil shown while files hover @param {(files: File[]) => void} take
 */
export function acceptDrops(veil, take) {
  let depth = 0;
  /** @param {DragEvent} event */
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  /** @param {number} change */
  const hover = (change) => {
    depth = change ? Math.max(0, depth + change) : 0;
    veil.hidden = depth === 0;
  };
  document.addEventListener("dragenter", (event) => carriesFiles(event) && hover(1));
  document.addEventListener("dragleave", (event) => carriesFiles(event) && hover(-1));
  document.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    hover(0);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
