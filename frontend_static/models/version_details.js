/** What is known about a version beyond its figures: origin, licence, model card, digest. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { bytes, moment } from "../shell/formats.js";
import { pageData } from "../shell/page.js";
import { modelCard } from "./model_card.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */

const { canCurate } = pageData();

/** @param {number} project @param {VersionRow} version */
export function versionDetails(project, version) {
  const { licence, options = {}, architecture = {}, ...rest } = version.config;
  /** @type {[string, import("../shared/dom.js").Child][]} */
  const rows = [
    [t("Origin"), version.origin || t("not told")],
    [t("Trained by"), version.trained_by && element("a", { href: `/projects/${version.project ?? project}/training-runs/${version.trained_by}` }, t("run {n}", { n: `#${version.trained_by}` }))],
    [t("Licence"), licence],
    [t("Registered"), moment(version.created_at)],
    [t("Architecture"), pairs(architecture)],
    [t("Options of prediction"), pairs(options)],
    [t("Further"), pairs(rest)],
    [t("Weights"), version.checkpoint_sha256 && (canCurate || version.project === null) && weightsLink(version)],
    ["SHA-256", version.checkpoint_sha256 && element("code", { class: "mono" }, version.checkpoint_sha256)],
  ];
  return element(
    "details",
    { class: "version-details" },
    element("summary", {}, t("About this version"), element("span", { class: "visually-hidden" }, ` ${version.name}`)),
    element("dl", {}, ...rows.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    version.card && modelCard(version),
  );
}

/** @param {VersionRow} version */
const weightsLink = ({ id, size_bytes: size }) =>
  element("a", { href: `/api/v1/model-versions/${id}/weights`, download: "" }, size ? t("Download, {size}", { size: bytes(size) }) : t("Download"));

/** One line for each; null where there are none. @param {Record<string, any>} values */
function pairs(values) {
  const lines = Object.entries(values).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  return lines.length ? element("code", { class: "mono" }, lines.join("\n")) : null;
}
