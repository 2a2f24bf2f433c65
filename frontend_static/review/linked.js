/** Two viewers under one viewport: whichever is moved leads, the other follows in the same frame. */

/** @typedef {import("../annotate/viewer.js").Viewer} Viewer */

/** @param {[Viewer, Viewer]} viewers */
export function linkViewers([first, second]) {
  let leader = first;

  function follow() {
    (leader === first ? second : first).follow(leader.frame());
  }
  for (const viewer of [first, second]) {
    viewer.onMoved(() => viewer === leader && follow());
    const lead = () => (leader = viewer);
    for (const kind of ["pointerdown", "wheel"]) viewer.hud.addEventListener(kind, lead, { capture: true, passive: true });
    // A pane that grows or shrinks keeps its own centre: the leader's counts. The viewers need a frame to notice.
    new ResizeObserver(() => requestAnimationFrame(() => requestAnimationFrame(follow))).observe(viewer.hud);
  }
  follow();
  return {
    /** What moves the view from elsewhere moves this one. @param {Viewer} viewer */
    lead(viewer) {
      leader = viewer;
    },
    leader: () => leader,
    follow,
  };
}
