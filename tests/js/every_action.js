/** Every action of the editor as it is registered, without an editor: what they would act on answers anything. */
import { createActions } from "../../frontend_static/annotate/commands.js";

/** Something that can be called, read and walked through, and is always itself again. */
const anything = new Proxy(() => {}, {
  get: (_target, name) => (name === Symbol.iterator ? function* nothing() {} : name === Symbol.toPrimitive ? () => 0 : name === "then" ? undefined : anything),
  apply: () => anything,
  construct: () => anything,
});

/** @param {import("../../frontend_static/annotate/shortcuts.js").KeyChoice} [choice] */
export async function everyAction(choice) {
  globalThis.document ??= anything;
  globalThis.location ??= anything;
  const { createTools } = await import("../../frontend_static/annotate/tools/registry.js");
  const { addActions } = await import("../../frontend_static/annotate/actions.js");
  const actions = createActions({ mayEdit: () => true, refuse: () => {}, stopGesture: () => false, choice });
  const tools = createTools(anything);
  addActions(new Proxy({ actions, tools }, { get: (editor, name) => (name in editor ? editor[name] : anything) }));
  return actions;
}
