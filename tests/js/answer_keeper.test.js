/** Answers of a survey on their way: kept until they arrive, the newest of each place, sent again after a failure. */
import assert from "node:assert/strict";
import test from "node:test";
import { ApiError } from "../../frontend_static/shared/api.js";
import { createKeeper } from "../../frontend_static/surveys/answer_keeper.js";

const answer = (score) => ({ score, choice: "", comment: "", spent_ms: 1 });

function storage(content = {}) {
  return { content, getItem: (name) => content[name] ?? null, setItem: (name, text) => (content[name] = text), removeItem: (name) => delete content[name] };
}

/** A server that can be away, and what has arrived there. */
function world({ kept = storage(), refuses = null } = {}) {
  const server = { isAway: false, arrived: [] };
  const told = [];
  const keeper = createKeeper({
    name: "s", storage: kept,
    changed: (state) => told.push(state),
    async send(place, said) {
      if (server.isAway) throw new ApiError(0, {});
      if (refuses) throw refuses;
      server.arrived.push([place, said.score]);
    },
  });
  return { server, told, keeper, kept };
}

test("an answer arrives and nothing is left behind", async () => {
  const { server, told, keeper, kept } = world();
  await keeper.say(3, answer(7));
  assert.deepEqual(server.arrived, [[3, 7]]);
  assert.deepEqual(kept.content, {});
  assert.deepEqual(told.at(-1), { waiting: 0, isSending: false, isOffline: false, refusal: "" });
});

test("without network answers wait on the device, the newest of each place, and are sent when it is back", async () => {
  const { server, told, keeper, kept } = world();
  server.isAway = true;
  await keeper.say(1, answer(2));
  await keeper.say(2, answer(5));
  await keeper.say(1, answer(9));
  assert.equal(told.at(-1).waiting, 2);
  assert.equal(told.at(-1).isOffline, true);
  const again = world({ kept }); // the page was closed and opened again
  assert.equal(again.keeper.pending().get(1).score, 9);
  await again.keeper.resume();
  assert.deepEqual(again.server.arrived, [[1, 9], [2, 5]]);
  server.isAway = false;
  await keeper.resume();
  assert.equal(told.at(-1).isOffline, false);
});

test("what the server will never take is told and not tried for ever", async () => {
  const { told, keeper, kept } = world({ refuses: new ApiError(410, { error: "This survey is closed." }) });
  await keeper.say(1, answer(2));
  assert.equal(told.at(-1).refusal, "This survey is closed.");
  assert.equal(keeper.pending().size, 0);
  assert.deepEqual(kept.content, {});
});

test("an answer changed while it is on its way is sent again", async () => {
  const arrived = [];
  const keeper = createKeeper({
    name: "s", storage: storage(), changed: () => {},
    async send(place, said) {
      arrived.push(said.score);
      if (arrived.length === 1) keeper.say(place, answer(8));
    },
  });
  await keeper.say(1, answer(3));
  assert.deepEqual(arrived, [3, 8]);
});
