/** Asking a model version to pre-annotate images. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { t } from "../shared/translate.js";
import { choice, field } from "../shell/fields.js";
import { api, query } from "../shell/page.js";
import { note } from "../shell/toast.js";

/** @typedef {{id: number, name: string, stage: string, origin: string}} ModelRow */

/**
 * @param {{project: number, images?: number[]}} target images: those only; otherwise all that have none yet
 * @returns {Promise<boolean>} whether work was asked for
 */
export async function askPredict({ project, images }) {
  /** @type {{results: ModelRow[]}} */
  const { results } = await api.get(`model-versions${query({ project, page_size: 100 })}`);
  const models = results.filter(({ stage }) => stage !== "retired");
  if (!models.length) throw new Error(t("There is no model version yet. An operator can register one."));
  const champion = models.find(({ stage }) => stage === "champion") ?? models[0];
  /** @param {ModelRow} model @returns {[string, string]} */
  const asOption = (model) => [String(model.id), `${model.name} (${model.stage})`];
  const asked = await askForm({
    title: t("Pre-annotate"),
    body: [
      element("p", { class: "soft" }, images
        ? t("The model proposes a mask for every entity of this image. People start from its proposal; it is never changed itself.")
        : t("The model proposes masks for every image that nobody has started and that has no proposal yet. People start from them.")),
      field(t("Model version"), choice({ name: "model" }, models.map(asOption), String(champion.id)), champion.origin),
    ],
    accept: t("Start"),
    submit: (data) => api.post(`model-versions/${data.get("model")}/predict`, images ? { project, images } : { project }),
  });
  if (asked) note(t("Pre-annotation has started."));
  return asked;
}
