/** Asking a model version to pre-annotate images. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { choice, field } from "../shell/fields.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";
import { usableVersions } from "../models/usable_versions.js";

/** @typedef {import("../models/version.js").VersionRow} VersionRow */

/**
 * @param {{project: number, images?: number[], version?: number}} target images: those only; otherwise all that have none yet;
 *   version: offered first, if not the champion
 * @returns {Promise<boolean>} whether work was asked for
 */
export async function askPredict({ project, images, version }) {
  const { champion, versions: models } = await usableVersions(project);
  if (!models.length) throw new Error(t("There is no model version yet. An admin can import one on the page Models."));
  const first = models.find(({ id }) => id === version) ?? models[0];
  /** @param {VersionRow} model @returns {[string, string]} */
  const asOption = (model) => [String(model.id), model === champion ? t("{name} (champion)", { name: model.name }) : model.name];
  const asked = await askForm({
    title: t("Pre-annotate"),
    body: [
      element("p", { class: "soft" }, images
        ? plural(images.length, "The model proposes a mask for every entity of this image. People start from its proposal; it is never changed itself.", "The model proposes a mask for every entity of the {n} chosen images. People start from its proposals; they are never changed themselves.")
        : t("The model proposes masks for every image that nobody has started and that has no proposal yet. People start from them.")),
      field(t("Model version"), choice({ name: "model" }, models.map(asOption), String(first.id)), first.origin),
    ],
    accept: t("Start"),
    submit: (data) => api.post(`model-versions/${data.get("model")}/predict`, images ? { project, images } : { project }),
  });
  if (asked) note(t("Pre-annotation has started."));
  return asked;
}
