/** The dialog that creates a project and goes there. */
import { askForm } from "../shared/dialogs.js";
import { t } from "../shared/translate.js";
import { api } from "../shell/page.js";
import { NEW_PROJECT, projectFields, projectOf } from "./project_fields.js";

export async function createProject() {
  /** @type {{id: number} | undefined} */
  let created;
  await askForm({
    title: t("New project"),
    body: projectFields(NEW_PROJECT),
    accept: t("Create project"),
    async submit(data) {
      created = await api.post("projects", projectOf(data));
    },
  });
  if (created) location.assign(`/projects/${created.id}`);
}
