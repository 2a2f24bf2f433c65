/** One image: what is known about it, who annotated it, and what an admin may do with it. */
import { askChoice } from "../shared/dialogs.js";
import { element, find } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { fillOrFail } from "../shell/empty.js";
import { ago, bytes, dimensions, moment, percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { api, pageData, query } from "../shell/page.js";
import { busyWhile, note } from "../shell/toast.js";
import { stateBadge } from "../shell/work_states.js";
import { thumbnail } from "./image_card.js";
import { askPredict } from "./predict.js";

/** @typedef {import("./image_card.js").ImageRow & {created_at: string, byte_size: number, source: string, licence: string}} ImageDetail */
/** @typedef {{id: number, author: {kind: "person" | "model", name: string}, state: string, revision: number, coverage: number,
 *   mask_count: number, assignment: number | null, changed_at: string}} AnnotationRow */

const viewer = pageData();
const host = find("#image");
const MEGA = 1e6;

const STATES = /** @type {Record<string, [label: string, tone: string]>} */ ({
  draft: [t("Being drawn"), "info"],
  submitted: [t("Waiting for review"), "warn"],
  returned: [t("Returned"), "bad"],
  accepted: [t("Accepted"), "good"],
  replaced: [t("Replaced by a reviewer's map"), "violet"],
  frozen: [t("Frozen prediction"), "violet"],
});

function refresh() {
  return fillOrFail(host, refresh, async () => {
    const [image, annotations] = await Promise.all([
      api.get(`images/${viewer.image}`),
      api.get(`annotations${query({ image: viewer.image, page_size: 50 })}`),
    ]);
    show(image, annotations.results);
  });
}

/** @param {ImageDetail} image @param {AnnotationRow[]} annotations */
function show(image, annotations) {
  host.replaceChildren(
    element(
      "div",
      { class: "image-detail" },
      element("div", { class: "card picture" }, picture(image)),
      element(
        "div",
        {},
        image.state === "ready" && stateBadge(image.work_state),
        element("h2", {}, image.file_name),
        facts(image),
        element("div", { class: "section" }, element("h2", {}, t("Annotations")), annotationList(image, annotations)),
        actions(image, annotations),
      ),
    ),
  );
}

/** @param {ImageDetail} image */
function picture(image) {
  if (image.state !== "ready" || !image.thumbnail_url) return thumbnail(image);
  return element("img", { src: image.thumbnail_url, alt: t("Picture of {file}", { file: image.file_name }) });
}

/** @param {ImageDetail} image */
function facts(image) {
  /** @type {[string, string | undefined | false][]} */
  const rows = [
    [t("Size"), t("{size} px ({n} megapixels)", { size: dimensions(image.width, image.height), n: Math.round((10 * image.width * image.height) / MEGA) / 10 })],
    [t("File"), image.byte_size > 0 && bytes(image.byte_size)],
    [t("Split"), image.split],
    [t("Uploaded"), image.created_at && moment(image.created_at)],
    [t("Source"), image.source],
    [t("Licence"), image.licence],
    ["SHA-256", image.checksum],
  ];
  const shown = rows.filter(([, value]) => value);
  return element("dl", { class: "details" }, ...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", { class: name === "SHA-256" ? "mono small" : "" }, value)]));
}

/** @param {ImageDetail} image @param {AnnotationRow[]} annotations */
function annotationList(image, annotations) {
  if (!annotations.length) return element("p", { class: "soft" }, t("Nobody has annotated this image yet, or only people whose work you may not see."));
  return element("ul", { class: "annotations" }, ...annotations.map((row) => annotationLine(row, isOwn(row, image))));
}

/** @param {AnnotationRow} annotation @param {ImageDetail} image */
const isOwn = (annotation, image) => annotation.assignment !== null && annotation.assignment === image.assignment && image.annotator === viewer.user;

/** @param {AnnotationRow} annotation @param {boolean} own */
function annotationLine(annotation, own) {
  const [label, tone] = STATES[annotation.state] ?? [annotation.state, ""];
  const editable = own && (annotation.state === "draft" || annotation.state === "returned");
  return element(
    "li",
    {},
    element(
      "div",
      { class: "who" },
      element("strong", {}, own ? t("You") : annotation.author.name),
      element("p", { class: "soft small number" }, [t("{share} covered", { share: percent(annotation.coverage) }), plural(annotation.mask_count, "{n} mask", "{n} masks"), ago(annotation.changed_at)].join(" · ")),
    ),
    element("span", { class: `badge ${tone}` }, label),
    viewer.canReview && annotation.state === "submitted" && !own
      ? element("a", { class: "button button-small button-primary", href: `/review/${annotation.id}` }, t("Review"))
      : element("a", { class: "button button-small", href: `/annotate/${annotation.id}` }, editable ? t("Continue") : t("Look at it")),
  );
}

/** @param {ImageDetail} image @param {AnnotationRow[]} annotations */
function actions(image, annotations) {
  const download = element("a", { class: "button", href: `/api/v1/images/${image.id}/file` }, spriteIcon("download"), t("Download"));
  const predict = element("button", { type: "button", class: "button" }, spriteIcon("spark"), t("Pre-annotate"));
  predict.addEventListener("click", () => busyWhile(predict, () => askPredict({ project: viewer.project, images: [image.id] })));
  const remove = element("button", { type: "button", class: "button" }, spriteIcon("trash"), t("Delete"));
  remove.addEventListener("click", () => busyWhile(remove, () => deleteImage(image)));
  const annotate = element("button", { type: "button", class: "button button-primary" }, spriteIcon("edit"), t("Annotate this image"));
  annotate.addEventListener("click", () => busyWhile(annotate, () => takeIt(image)));
  const predicted = annotations.some(({ author }) => author.kind === "model");
  return element(
    "div",
    { class: "section actions" },
    viewer.canReview && image.state === "ready" && !image.annotator && annotate,
    image.state === "ready" && download,
    viewer.canCurate && image.state === "ready" && !predicted && predict,
    viewer.canAdminister && remove,
  );
}

/** Draw it oneself; if somebody was quicker, the page says who. @param {ImageDetail} image */
async function takeIt(image) {
  await api.post("assignments/give", { project: viewer.project, images: [image.id], annotator: viewer.user });
  /** @type {ImageDetail} */
  const now = await api.get(`images/${image.id}`);
  if (now.annotation && now.annotator === viewer.user) location.assign(`/annotate/${now.annotation}`);
  else await refresh();
}

/** @param {ImageDetail} image */
async function deleteImage(image) {
  const answer = await askChoice({
    title: t("Delete this image?"),
    body: [element("p", {}, t("{file} and every annotation of it will be gone. This cannot be undone.", { file: image.file_name }))],
    choices: [{ label: t("Cancel"), value: "" }, { label: t("Delete image"), value: "delete", kind: "danger" }],
  });
  if (answer !== "delete") return;
  await api.remove(`images/${image.id}`);
  note(t("The image is deleted."));
  location.assign(`/projects/${viewer.project}`);
}

refresh();
