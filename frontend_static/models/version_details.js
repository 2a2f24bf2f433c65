/** What is known about a version beyond its figures: origin, licence, model card, digest. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { moment } from "../shell/formats.js";

/** @typedef {import("./version.js").VersionRow} VersionRow */

/** @param {number} project @param {VersionRow} version */
export function versionDetails(project, version) {
  const { card, licence, options, ...sizes } = version.config;
  /** @type {[string, import("../shared/dom.js").Child][]} */
  const rows = [
    [t("Origin"), version.origin || t("not told")],
    [t("Trained by"), version.trained_by && element("a", { href: `/projects/${version.project ?? project}/training-runs/${version.trained_by}` }, t("run {n}", { n: `#${version.trained_by}` }))],
    [t("Licence"), licence],
    [t("Registered"), moment(version.created_at)],
    [t("Options of prediction"), options && Object.keys(options).length > 0 && pairs(options)],
    [t("Architecture"), Object.keys(sizes).length > 0 && pairs(sizes)],
    ["SHA-256", version.checkpoint_sha256 && element("code", { class: "mono" }, version.checkpoint_sha256)],
  ];
  return element(
    "details",
    { class: "version-details", data: { key: `details-${version.id}` } },
    element("summary", { "aria-label": t("About {name}", { name: version.name }) }, t("About this version")),
    element("dl", {}, ...rows.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))),
    card && element("div", { class: "model-card" }, card),
  );
}

/** @param {Record<string, any>} values */
const pairs = (values) => element("code", { class: "mono" }, Object.entries(values).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join("\n"));
