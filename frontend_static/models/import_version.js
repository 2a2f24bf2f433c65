/** The dialog that imports a checkpoint: the file's way to the server is shown and can be stopped. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { uploadFile } from "../shared/upload.js";
import { field, textInput, textOf } from "../shell/fields.js";
import { percent } from "../shell/formats.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";
import { nameOf } from "./version.js";

const ADDRESS = "/api/v1/model-versions/import";
const ENDINGS = [".safetensors", ".pth", ".pt", ".bin"];

/** @param {number} project @returns {Promise<boolean>} whether a file was sent */
export async function askImport(project) {
  const stop = new AbortController();
  const file = element("input", { type: "file", name: "file", required: true, accept: ENDINGS.join(",") });
  const name = textInput("name", { required: true, maxlength: 200, autocomplete: "off", placeholder: "CropFormer Swin-T" });
  const bar = element("progress", { max: 1, value: 0, "aria-label": t("Upload") });
  const share = element("p", { class: "soft small number", role: "status" });
  const sending = element("div", { class: "import-progress", hidden: true }, bar, share);
  file.addEventListener("change", () => {
    if (!name.value) name.value = nameOf(file.files?.[0]?.name ?? "");
  });
  const sent = await askForm({
    title: t("Import a checkpoint"),
    body: [
      element("p", { class: "soft" }, t("Weights of CropFormer or Mask2Former in the layout of the published checkpoints (.pth), or our own .safetensors. Backbone and sizes are read from the tensors; what does not fit is refused by name. The version comes as a candidate: nothing changes until somebody makes it champion.")),
      field(t("File"), file),
      field(t("Name"), name),
      sending,
    ],
    accept: t("Import"),
    async submit(data) {
      const form = new FormData();
      form.append("project", String(project));
      form.append("name", textOf(data, "name"));
      form.append("file", /** @type {File} */ (data.get("file")));
      sending.hidden = false;
      try {
        const { csrf_token: token } = await api.get("me");
        await uploadFile(ADDRESS, form, token, {
          signal: stop.signal,
          onProgress(sentShare) {
            bar.value = sentShare;
            share.textContent = sentShare < 1 ? t("{share} sent", { share: percent(sentShare, 0) }) : t("All of it is sent; the server looks at it.");
          },
        });
      } finally {
        sending.hidden = true;
      }
    },
    closed: () => stop.abort(),
  });
  if (sent) note(t("The checkpoint has arrived and is being read."));
  return sent;
}
