/** One image of the grid: picture, state, who works on it, and where a click leads. */
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { dimensions, percent } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";
import { stateBadge } from "../shell/work_states.js";

/** @typedef {{id: number, file_name: string, width: number, height: number, state: "tiling" | "ready" | "failed", error: string,
 *   work_state: string, thumbnail_url: string | null, coverage: number | null, entities: number | null,
 *   annotator: string | null, annotation: number | null, assignment: number | null, split: string, checksum: string,
 *   agreement?: number | null, score?: number | null, open_comments?: number, changed_at?: string | null, withMasks?: boolean}} ImageRow
 *   withMasks: whether the masks are laid over the picture */

/** @typedef {{user: string, canReview: boolean}} Viewer */

/**
 * One's own work opens the editor, submitted work the review, everything else the image's page.
 * @param {ImageRow} image @param {Viewer} viewer
 */
export function wayInto(image, viewer) {
  if (image.annotation && image.annotator === viewer.user && (image.work_state === "assigned" || image.work_state === "returned")) {
    return `/annotate/${image.annotation}`;
  }
  if (image.annotation && viewer.canReview && image.work_state === "submitted" && image.annotator !== viewer.user) {
    return `/review/${image.annotation}`;
  }
  return `/images/${image.id}`;
}

/**
 * @param {ImageRow} image @param {Viewer} viewer
 * @param {((id: number, chosen: boolean, toLast: boolean) => void) | null} choose null: nothing can be done with several images
 */
export function imageCard(image, viewer, choose = null) {
  const figures = [
    image.coverage !== null && image.work_state !== "none" && t("{share} covered", { share: percent(image.coverage) }),
    image.entities ? plural(image.entities, "{n} mask", "{n} masks") : false,
    typeof image.agreement === "number" && t("{share} agreement", { share: percent(image.agreement, 0) }),
  ].filter(Boolean);
  return element(
    "li",
    { data: { image: image.id } },
    element(
      "article",
      { class: "card image-card" },
      thumbnail(image),
      image.state === "ready" && stateBadge(image.work_state),
      element(
        "div",
        { class: "image-info" },
        element("h3", {}, element("a", { href: wayInto(image, viewer), title: image.file_name }, image.file_name)),
        element(
          "p",
          { class: "line" },
          element("span", { class: "nowrap" }, dimensions(image.width, image.height)),
          image.annotator && element("span", { class: "annotator" }, image.annotator === viewer.user ? t("you") : image.annotator),
        ),
        figures.length > 0 && element("p", { class: "line figures" }, ...figures.map((text) => element("span", { class: "nowrap" }, String(text)))),
        image.open_comments ? element("p", { class: "line" }, element("span", { class: "badge warn inline" }, plural(image.open_comments, "{n} open comment", "{n} open comments"))) : null,
      ),
      coverageLine(image),
      choose && chooser(image, choose),
    ),
  );
}

/** @param {ImageRow} image @param {(id: number, chosen: boolean, toLast: boolean) => void} choose */
function chooser(image, choose) {
  const box = element("input", { type: "checkbox", "aria-label": t("Choose {name}", { name: image.file_name }) });
  box.addEventListener("click", (event) => choose(image.id, box.checked, event.shiftKey));
  return element("label", { class: "chooser" }, box);
}

/** @param {ImageRow} image */
function coverageLine(image) {
  const fill = element("i");
  fill.style.width = `${(image.coverage ?? 0) * 100}%`;
  return element("div", { class: "coverage", "aria-hidden": "true" }, fill);
}

/** @param {ImageRow} image */
export function thumbnail(image) {
  if (image.state === "failed") {
    return element("div", { class: "thumb" }, element("div", { class: "waiting" }, spriteIcon("warning"), image.error || t("This image could not be prepared.")));
  }
  if (image.state === "tiling" || !image.thumbnail_url) {
    return element("div", { class: "thumb skeleton" }, element("div", { class: "waiting" }, t("Being prepared…")));
  }
  return element("div", { class: "thumb" }, element("img", { src: image.thumbnail_url, alt: "", loading: "lazy", decoding: "async" }), image.withMasks && masksOf(image));
}

/** The masks in their colours; nothing where this person may not see them. @param {ImageRow} image */
function masksOf(image) {
  if (!image.annotation || !image.entities) return null;
  const src = `/api/v1/annotations/${image.annotation}/overlay?v=${encodeURIComponent(image.changed_at ?? "")}`;
  const masks = element("img", { class: "thumb-masks", src, alt: "", loading: "lazy", decoding: "async" });
  masks.addEventListener("error", () => masks.remove());
  return masks;
}
