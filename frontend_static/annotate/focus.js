/** Where the keyboard is: with the pointer one works on the canvas, with the keyboard one walks through the page. */

/**
 * After a button or menu was used with the pointer, the canvas gets the focus back, so that shortcuts go on working.
 * @param {HTMLElement} stage @param {string} places selector of what gives it back
 * @returns {() => void} stops watching
 */
export function returnFocusTo(stage, places) {
  const control = new AbortController();
  const options = { signal: control.signal, capture: true };
  let usesPointer = false;

  /** @param {Event} event */
  function giveBack(event) {
    if (usesPointer && event.target instanceof Element && event.target.closest(places)) stage.focus({ preventScroll: true });
  }
  document.addEventListener("pointerdown", () => (usesPointer = true), options);
  document.addEventListener("keydown", () => (usesPointer = false), options);
  document.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("button") && giveBack(event), { signal: control.signal });
  document.addEventListener("change", giveBack, { signal: control.signal });
  return () => control.abort();
}

/** Shortcuts work from the first moment; whoever is elsewhere already stays there. @param {HTMLElement} stage */
export function beginAt(stage) {
  if (document.activeElement === document.body) stage.focus({ preventScroll: true });
}
