/** The files of a release: single ones by name, large folders as one line. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { bytes } from "../shell/formats.js";

/** @typedef {{path: string, bytes: number, sha256: string}} FileRow */

const MOST_IN_FOLDER = 8;

/** @param {FileRow[]} files */
export function filesTable(files) {
  /** @type {Map<string, FileRow[]>} */
  const folders = new Map();
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf("/") + 1);
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const lines = [...folders].flatMap(([folder, rows]) => (rows.length > MOST_IN_FOLDER ? [folderLine(folder, rows)] : rows.map(fileLine)));
  return element(
    "div",
    { class: "table-scroll" },
    element(
      "table",
      { class: "files" },
      element("caption", { class: "visually-hidden" }, t("Files of this release")),
      element(
        "thead",
        {},
        element("tr", {}, element("th", { scope: "col" }, t("File")), element("th", { scope: "col", class: "right" }, t("Size")), element("th", { scope: "col" }, "SHA-256")),
      ),
      element("tbody", {}, ...lines),
    ),
  );
}

/** @param {FileRow} file */
const fileLine = (file) =>
  element(
    "tr",
    {},
    element("th", { scope: "row", class: "mono" }, file.path),
    element("td", { class: "right nowrap" }, bytes(file.bytes)),
    element("td", { class: "mono digest" }, file.sha256),
  );

/** @param {string} folder @param {FileRow[]} rows */
const folderLine = (folder, rows) =>
  element(
    "tr",
    {},
    element("th", { scope: "row", class: "mono" }, folder),
    element("td", { class: "right nowrap" }, bytes(rows.reduce((sum, row) => sum + row.bytes, 0))),
    element("td", { class: "soft" }, plural(rows.length, "{n} file, in the manifest", "{n} files, each in the manifest")),
  );
