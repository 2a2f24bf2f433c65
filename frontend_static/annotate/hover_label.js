/** The name of the entity under the cursor, written beside it: colour alone tells nobody what it is. */

const AWAY = 14;
const PAD = 5;

/**
 * @param {CanvasRenderingContext2D} pen @param {import("./tools/tool.js").Point} place device pixels @param {string} text
 * @param {number} pixelRatio device pixels per window pixel
 */
export function drawHoverLabel(pen, [X, Y], text, pixelRatio) {
  const size = 13 * pixelRatio;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  const width = pen.measureText(text).width + 2 * PAD * pixelRatio;
  const height = size + 2 * PAD * pixelRatio;
  const left = Math.max(0, Math.min(X + AWAY * pixelRatio, pen.canvas.width - width));
  const top = Math.max(0, Math.min(Y + AWAY * pixelRatio, pen.canvas.height - height));
  pen.fillStyle = "rgb(0 0 0 / 0.82)";
  pen.fillRect(left, top, width, height);
  pen.fillStyle = "#fff";
  pen.textBaseline = "middle";
  pen.fillText(text, left + PAD * pixelRatio, top + height / 2);
}
