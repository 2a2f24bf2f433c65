/** Asking a model version to pre-annotate images. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { choice, field } from "../shell/fields.js";
import { api, query } from "../shell/page.js";
import { note } from "../shell/toast.js";
import { stageIn } from "../models/version.js";

/** @typedef {import("../models/version.js").VersionRow} VersionRow */

/**
 * @param {{project: number, images?: number[], version?: number}} target images: those only; otherwise all that have none yet;
 *   version: offered first, if not the champion
 * @returns {Promise<boolean>} whether work was asked for
 */
export async function askPredict({ project, images, version }) {
  /** @type {{results: VersionRow[]}} */
  const { results } = await api.get(`model-versions${query({ project, page_size: 100 })}`);
  const models = results.filter(({ stage }) => stage !== "retired");
  if (!models.length) throw new Error(t("There is no model version yet. An admin can import one on the page Models."));
  const champion = models.find((model) => stageIn(model, project) === "champion") ?? models[0];
  const first = models.find(({ id }) => id === version) ?? champion;
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
