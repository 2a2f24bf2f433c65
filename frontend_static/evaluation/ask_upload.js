/** The dialog that uploads a file of masks. */
import { t } from "../shared/translate.js";
import { askFile } from "../shell/ask_file.js";
import { note } from "../shell/toast.js";

/** @param {number} project @param {File} [dropped] @returns {Promise<boolean>} whether a file was sent */
export async function askUpload(project, dropped) {
  const sent = await askFile({
    title: t("Upload masks"),
    text: t("COCO instances or results (RLE or polygons), EntitySeg, or COCO panoptic: its JSON and PNGs in one zip. Images are matched by their file names; whatever cannot be read is counted and named."),
    accept: t("Upload"),
    endings: [".json", ".zip"],
    address: "/api/v1/evaluation-uploads",
    project,
    dropped,
  });
  if (sent) note(t("The file has arrived and is being read."));
  return sent;
}
