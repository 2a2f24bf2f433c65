/** The dialog in which admins change a project's name and policy. */
import { askForm } from "../shared/dialogs.js";
import { t } from "../shared/translate.js";
import { api } from "../shell/page.js";
import { projectFields, projectOf } from "./project_fields.js";

/** @param {number} id */
export async function editProject(id) {
  const project = await api.get(`projects/${id}`);
  const saved = await askForm({
    title: t("Project settings"),
    body: projectFields(project),
    accept: t("Save"),
    submit: (data) => api.patch(`projects/${id}`, projectOf(data)),
  });
  if (saved) location.reload();
}
