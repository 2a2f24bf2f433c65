/** Taking part in a survey: welcome, one question after the other, the end. */
import { ApiError, createApi } from "../shared/api.js";
import { find } from "../shared/dom.js";
import { createKeeper } from "./answer_keeper.js";
import { failure, finished, review, welcome } from "./part_pages.js";
import { createQuestions } from "./questions.js";
import { createSavingNote } from "./saving_note.js";

/** @typedef {{place: number, width: number, height: number, answer: import("./answer_keeper.js").Answer | null}} Item */
/** @typedef {{id: number, kind: "satisfaction" | "preference", state: string, title: string, definition: string, consent: string,
 *   asks_name: boolean, questions: number, is_full: boolean, participant: {items: Item[], finished_at: string | null} | null}} Visit */

const host = find("#part");
const { survey, place: root, back = "" } = host.dataset;
const api = createApi();
const saving = createSavingNote(find("#part-tools"));
const keeper = createKeeper({
  name: `tessera-survey-${survey}`,
  send: (place, answer) => api.request(`${root}/answers/${place}`, { method: "PUT", json: answer }),
  changed: saving.show,
});

async function begin() {
  try {
    show(await api.get(`${root}`));
  } catch (problem) {
    host.replaceChildren(failure(problem, begin));
  }
  host.setAttribute("aria-busy", "false");
}

/** @param {Visit} visit */
function show(visit) {
  if (visit.participant?.finished_at) return end();
  if (visit.state !== "open") return host.replaceChildren(failure(new ApiError(410, { error: "", code: visit.state }), begin));
  if (!visit.participant) return host.replaceChildren(welcome(visit, join));
  for (const [place, answer] of keeper.pending()) {
    const item = visit.participant.items[place - 1];
    if (item) item.answer = answer;
  }
  keeper.resume();
  ask(visit, visit.participant.items);
}

/** @param {{consent: boolean, name: string}} said */
async function join(said) {
  show(await api.post(`${root}/participants`, said));
}

/** @param {Visit} visit @param {Item[]} items */
function ask(visit, items) {
  const questions = createQuestions(host, { visit, items, root: `/api/v1/${root}`, say: keeper.say, over: () => atEnd(items, questions) });
  const open = items.find(({ answer }) => !answer);
  if (open) questions.go(open.place);
  else atEnd(items, questions);
}

/** @param {Item[]} items @param {{go: (place: number) => void, leave: () => void}} questions */
function atEnd(items, questions) {
  questions.leave();
  host.replaceChildren(review(items, { go: questions.go, finish }));
}

async function finish() {
  await keeper.resume();
  if (keeper.pending().size) throw new ApiError(0, {});
  await api.post(`${root}/finish`);
  end();
}

function end() {
  find("#part-progress").replaceChildren();
  host.replaceChildren(finished(back));
}

window.addEventListener("online", () => keeper.resume());
begin();
