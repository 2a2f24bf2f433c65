/** What a run was trained on and how: enough to do it again and come to the same weights. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";

/** @typedef {import("./runs_list.js").RunRow} RunRow */

/** The large figures. @param {RunRow} run */
export function runFacts(run) {
  const { outcome } = run;
  const rows = [
    [t("Images learned from"), whole(run.images)],
    [t("Masks learned from"), whole(run.masks)],
    [t("Images judged by"), whole(run.judged_images)],
    [t("Steps"), outcome.steps ? whole(outcome.steps) : ""],
    [t("Device"), outcome.device ?? ""],
  ].filter(([, value]) => value !== "");
  return element("dl", { class: "facts run-facts" }, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

/** All that decides what comes out. @param {RunRow} run */
export function runSettings(run) {
  const skipped = run.outcome.skipped?.without_entities ?? 0;
  /** @type {[string, import("../shared/dom.js").Child][]} */
  const rows = [
    [t("Started from"), run.started_from?.name],
    [t("Judged beside"), run.champion?.name],
    [t("Candidate"), run.candidate?.name],
    [t("Learned from"), run.release ? element("a", { href: `/projects/${run.project}/releases/${run.release.id}` }, t("release {name}", { name: run.release.name })) : t("what was accepted when it began, of the split train")],
    [t("Left out"), [skipped > 0 && plural(skipped, "{n} image without entities", "{n} images without entities"), run.left_out > 0 && plural(run.left_out, "{n} image of an open study", "{n} images of an open study")].filter(Boolean).join(", ")],
    [t("Examples"), run.examples_sha256 && element("code", { class: "mono" }, `SHA-256 ${run.examples_sha256}`)],
    [t("Seed"), element("code", { class: "mono" }, String(run.seed))],
    [t("Weights"), run.outcome.sha256 && element("code", { class: "mono" }, `SHA-256 ${run.outcome.sha256}`)],
    ...Object.entries(run.config).map(([name, value]) => /** @type {[string, import("../shared/dom.js").Child]} */ ([name, element("code", { class: "mono" }, typeof value === "object" ? JSON.stringify(value) : String(value))])),
  ];
  return element("dl", { class: "card padded run-settings" }, ...rows.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
