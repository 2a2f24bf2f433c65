/** The dialog that starts a training by hand. */
import { askForm } from "../shared/dialogs.js";
import { element } from "../shared/dom.js";
import { plural, t } from "../shared/translate.js";
import { choice, field } from "../shell/fields.js";
import { api, query } from "../shell/page.js";
import { note } from "../shell/toast.js";
import { usableVersions } from "../models/usable_versions.js";

/** @typedef {{id: number, name: string, state: string, images: number}} ReleaseRow */

const TRAINABLE = new Set(["cropformer", "mask2former"]);

/** @param {number} project @returns {Promise<boolean>} whether a training was started */
export async function askTrain(project) {
  const [{ champion, versions }, { results }, { by_state: counts }] = await Promise.all([
    usableVersions(project),
    api.get(`releases${query({ project, page_size: 100 })}`),
    api.get(`projects/${project}`),
  ]);
  const usable = versions.filter(({ architecture }) => TRAINABLE.has(architecture));
  if (!usable.length) throw new Error(t("There is no model version to start from. Import a checkpoint first."));
  const releases = /** @type {ReleaseRow[]} */ (results).filter(({ state }) => state === "published");
  const steps = element("input", { type: "number", name: "steps", min: 1, max: 1_000_000, step: 1, placeholder: t("automatic") });
  const started = await askForm({
    title: t("Train now"),
    body: [
      element("p", { class: "soft" }, t("The model learns from accepted annotations; images of the splits val and test and of open studies are never among them. When it is trained, both models are evaluated on val, and the new one becomes champion if it is better.")),
      field(t("Start from"), choice({ name: "started_from" }, usable.map((version) => [String(version.id), version.id === champion?.id ? t("{name} (champion)", { name: version.name }) : version.name]))),
      field(t("Learn from"), choice({ name: "release" }, [["", acceptedNow(counts.accepted ?? 0)], ...releases.map(releaseOption)])),
      field(t("Steps"), steps, t("Left empty: as many as the number of images asks for.")),
    ],
    accept: t("Start training"),
    submit: (data) => api.post("training-runs", orderOf(project, data)),
  });
  if (started) note(t("Training has started."));
  return started;
}

/** @param {number} accepted images */
const acceptedNow = (accepted) => plural(accepted, "What is accepted now ({n} image)", "What is accepted now ({n} images)");

/** @param {ReleaseRow} release @returns {[string, string]} */
const releaseOption = ({ id, name, images }) => [String(id), plural(images, "Release {name} ({n} image)", "Release {name} ({n} images)", { name })];

/** What is sent. Pure. @param {number} project @param {FormData} data */
export function orderOf(project, data) {
  const [release, steps] = [Number(data.get("release")), Number(data.get("steps"))];
  return {
    project,
    started_from: Number(data.get("started_from")),
    ...(release ? { release } : {}),
    ...(steps ? { options: { steps } } : {}),
  };
}
