/** One key to the next piece of work, whatever it is. */
import { ApiError } from "../shared/api.js";
import { api } from "../shell/page.js";
import { note } from "../shell/toast.js";

/** Go there, or say that there is none. @param {number | null} [project] only in this one */
export async function openNext(project = null) {
  try {
    const { url } = await api.post("queue/next", { project });
    location.assign(url);
  } catch (problem) {
    if (!(problem instanceof ApiError) || problem.code !== "nothing_to_do") throw problem;
    note(problem.message);
  }
}
