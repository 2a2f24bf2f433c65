/** The canvas of masks above the image: on the GPU where there is a real one, else on the CPU. */
import { createGlLayer } from "./render/gl_layer.js";
import { createSoftLayer } from "./render/soft_layer.js";

/** @typedef {ReturnType<typeof createSoftLayer>} Layer */

/** Software rasterisers run our shaders 10 to 40 times slower than the CPU layer does the same work. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

/** Whether WebGL2 runs on real hardware here. */
function hasGpu() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(renderer);
}

/**
 * @param {HTMLElement} host @param {import("../segmentation/label_map.js").LabelMap} map
 * @param {import("./render/levels.js").Levels} levels
 * @param {{prefer?: string | null, onReplaced: () => void}} options prefer: "gl" or "soft"; onReplaced: draw again
 */
export function createMaskLayer(host, map, levels, { prefer, onReplaced }) {
  /** @type {Uint8Array | null} */
  let palette = null;
  let canvas = addCanvas();
  /** @type {Layer} */
  let layer = prefer !== "soft" && (prefer === "gl" || hasGpu()) ? tryGl() : createSoftLayer(canvas, map, levels);

  function addCanvas() {
    const added = document.createElement("canvas");
    added.className = "mask-canvas";
    host.append(added);
    return added;
  }

  /** @returns {Layer} */
  function tryGl() {
    try {
      const made = createGlLayer(canvas, map, levels);
      canvas.addEventListener("webglcontextlost", replaceBySoft);
      return made;
    } catch (error) {
      console.warn("The GPU cannot draw masks, the CPU does.", error);
      canvas.remove();
      canvas = addCanvas();
      return createSoftLayer(canvas, map, levels);
    }
  }

  function replaceBySoft() {
    const { width, height } = canvas;
    canvas.remove();
    canvas = addCanvas();
    Object.assign(canvas, { width, height });
    layer = createSoftLayer(canvas, map, levels);
    if (palette) layer.setPalette(palette);
    onReplaced();
  }

  return {
    kind: () => layer.kind,
    /** @param {import("./render/view.js").View} view @param {import("./render/view.js").LayerOptions} options */
    draw: (view, options) => layer.draw(view, options),
    /** @param {Uint8Array} rgba 65536 × 4 @param {Iterable<number>} [numbers] those whose colours changed; all if left out */
    setPalette(rgba, numbers) {
      palette = rgba;
      layer.setPalette(rgba, numbers);
    },
    /** @param {number} X @param {number} Y device pixels */
    idAt: (X, Y) => layer.idAt(X, Y),
    /** @param {number} width @param {number} height device pixels */
    resize: (width, height) => Object.assign(canvas, { width, height }),
    /** @param {boolean} hidden */
    setHidden: (hidden) => (canvas.hidden = hidden),
    /** For tests: what happens when the GPU goes away. */
    loseContext: () => layer.dispose(),
  };
}
