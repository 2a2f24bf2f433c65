/** The dialog that imports a checkpoint. */
import { t } from "../shared/translate.js";
import { askFile } from "../shell/ask_file.js";
import { note } from "../shell/toast.js";

/** @param {number} project @returns {Promise<boolean>} whether a file was sent */
export async function askImport(project) {
  const sent = await askFile({
    title: t("Import a checkpoint"),
    text: t("Weights of CropFormer or Mask2Former in the layout of the published checkpoints (.pth), or our own .safetensors. Backbone and sizes are read from the tensors; what does not fit is refused by name. The version comes as a candidate: nothing changes until somebody makes it champion."),
    accept: t("Import"),
    endings: [".safetensors", ".pth", ".pt", ".bin"],
    address: "/api/v1/model-versions/import",
    project,
    placeholder: "CropFormer Swin-T",
  });
  if (sent) note(t("The checkpoint has arrived and is being read."));
  return sent;
}
