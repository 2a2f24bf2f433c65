/** What a report or an upload left out, by reason, with examples: nothing is dropped silently. */
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { whole } from "../shell/formats.js";
import { spriteIcon } from "../shell/icons.js";

/** @typedef {import("./report_row.js").Problem} Problem */

/** Sentences by kind; one that is not known is shown by its kind. @type {() => Record<string, string>} */
const sentences = () => ({
  no_found: t("Images without masks of the set that is judged: not measured"),
  no_truth: t("Images without masks of the set taken for true: not measured"),
  begun_from_found: t("Images whose true masks began as proposals of the model that is judged: measured, and they flatter it"),
  empty_truth: t("Images without any true entity: measured, all that is found there is wrong"),
  empty_found: t("Images where nothing is found: measured, all that is true there is missed"),
  true_without_term: t("True entities without a name: they count for masks, not for names"),
  found_without_term: t("Found masks without a name: they count for masks, not for names"),
  found_in_void: t("Found masks that lie for at least half where nobody annotated anything: neither right nor wrong"),
  over_limit: t("Found masks beyond the best 100 of their image: not counted by AP, as COCO does it"),
  unknown_image_id: t("Masks of images that the file does not list or this project does not have"),
  unknown_file_name: t("Images that this project does not have"),
  ambiguous_file_name: t("File names that several images of this project bear"),
  image_of_other_size: t("Images of another size than in this project"),
  double_image: t("Images that are listed twice"),
  image_without_id: t("Images without an id"),
  image_without_name: t("Images without a file name"),
  no_record: t("Records that are no objects"),
  id_zero: t("Ids that are 0, which COCO's tools take for “no match”"),
  double_id: t("Ids that occur twice"),
  empty_mask: t("Masks without a pixel"),
  crowd: t("Crowd masks: what is found on them counts neither for nor against"),
  polygon: t("Polygons, made into pixels"),
  no_mask: t("Records with a box only, without a mask"),
  other_size: t("Masks of another size than their image"),
  broken_mask: t("Masks that cannot be read"),
  bad_score: t("Scores that are no finite number"),
  unknown_category: t("Categories that the file does not list"),
  category_without_name: t("Categories without a name"),
  too_many_masks: t("Masks beyond what a label map can hold"),
  no_png: t("Panoptic PNGs that the archive does not hold"),
  broken_png: t("Panoptic PNGs that cannot be read"),
  segment_without_id: t("Segments without an id"),
  segment_without_pixels: t("Segments that no pixel bears"),
  unlisted_segment: t("Segments in the PNG that the JSON does not list"),
});

/** @param {string} kind */
export const problemSentence = (kind) => sentences()[kind] ?? kind.replaceAll("_", " ");

/** What the figures say was not counted, as problems without examples. @param {Record<string, number>} counts @returns {Problem[]} */
export const countedProblems = (counts) => Object.entries(counts).filter(([kind]) => kind in sentences() && !kind.startsWith("images_")).map(([kind, count]) => ({ kind, count, examples: [] }));

/** @param {Problem[]} problems @returns {HTMLElement} */
export const problemList = (problems) =>
  element(
    "ul",
    { class: "problem-list" },
    ...problems.map(({ kind, count, examples }) =>
      element(
        "li",
        {},
        spriteIcon("warning"),
        element("div", { class: "grow" }, element("strong", { class: "number" }, `${whole(count)} ×`), " ", problemSentence(kind), examples.length > 0 && element("p", { class: "soft small mono" }, exampleText(examples, count))),
      ),
    ),
  );

/** @param {string[]} examples @param {number} count of all */
const exampleText = (examples, count) => examples.map(String).join(", ") + (count > examples.length ? ", …" : "");
