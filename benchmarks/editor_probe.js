// What somebody at the screen waits for, watched from outside of any page: from an input's own time stamp until the
// frame that follows it has been handed over, and how long the page's handlers held the thread.
(() => {
  const seen = { moved: [], released: [], pressed: [], releaseHandler: [], keyHandler: [], blocked: [] };

  const untilDrawn = (event, into) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => into.push(performance.now() - event.timeStamp);
      port2.postMessage(0);
    });

  let began = 0;
  const start = () => (began = performance.now());
  addEventListener("pointermove", (event) => event.buttons && untilDrawn(event, seen.moved), true);
  addEventListener("pointerup", (event) => (start(), untilDrawn(event, seen.released)), true);
  addEventListener("pointerup", () => seen.releaseHandler.push(performance.now() - began));
  // A modifier going down is a key event of its own, in which nothing happens.
  const isKey = ({ key }) => !["Control", "Shift", "Alt"].includes(key);
  addEventListener("keydown", (event) => isKey(event) && (start(), untilDrawn(event, seen.pressed)), true);
  addEventListener("keydown", (event) => isKey(event) && seen.keyHandler.push(performance.now() - began));
  new PerformanceObserver((list) => seen.blocked.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });

  // The modules and tiles of a page alone fill the usual 250 entries.
  performance.setResourceTimingBufferSize(10_000);

  window.probe = {
    /** What was seen since the last time it was asked. */
    take() {
      const taken = structuredClone(seen);
      for (const list of Object.values(seen)) list.length = 0;
      return taken;
    },
    readyAt: null,
    saves: () =>
      performance
        .getEntriesByType("resource")
        .filter(({ name }) => name.endsWith("/transactions"))
        .map(({ requestStart, responseStart }) => responseStart - requestStart),
  };

  // The editor says when it can be worked with; the frame after that is the one a person sees.
  new MutationObserver((_, observer) => {
    if (!document.querySelector("#editor[data-ready=true]")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => (window.probe.readyAt = performance.now())));
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-ready"] });
})();
