/** The dialog that sends one large named file; its way to the server is shown and can be stopped. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { nameOfFile, uploadFile } from "../shared/upload.js";
import { field, textInput, textOf } from "./fields.js";
import { percent } from "./formats.js";
import { api } from "./page.js";

/**
 * @param {{title: string, text: string, accept: string, endings: string[], address: string, project: number,
 *   placeholder?: string, dropped?: File}} options accept: the button's word; dropped: chosen already
 * @returns {Promise<boolean>} whether a file was sent
 */
export async function askFile({ title, text, accept, endings, address, project, placeholder, dropped }) {
  const stop = new AbortController();
  const file = element("input", { type: "file", name: "file", required: true, accept: endings.join(",") });
  const name = textInput("name", { required: true, maxlength: 200, autocomplete: "off", placeholder });
  const bar = element("progress", { max: 1, value: 0, "aria-label": t("Upload") });
  const share = element("p", { class: "soft small number", role: "status" });
  const sending = element("div", { class: "import-progress", hidden: true }, bar, share);
  const offerName = () => {
    if (!name.value) name.value = nameOfFile(file.files?.[0]?.name ?? "", endings);
  };
  file.addEventListener("change", offerName);
  if (dropped) {
    const carrier = new DataTransfer();
    carrier.items.add(dropped);
    file.files = carrier.files;
    offerName();
  }
  return askForm({
    title,
    body: [element("p", { class: "soft" }, text), field(t("File"), file), field(t("Name"), name), sending],
    accept,
    async submit(data) {
      const form = new FormData();
      form.append("project", String(project));
      form.append("name", textOf(data, "name"));
      form.append("file", /** @type {File} */ (data.get("file")));
      sending.hidden = false;
      try {
        const { csrf_token: token } = await api.get("me");
        await uploadFile(address, form, token, {
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
}
