/**
 * The mask layer on the GPU, in two passes: visible tiles into a buffer of numbers at screen resolution, then numbers
 * into colours and outlines. Hiding, solo and recolouring touch the palette only; a brush stroke uploads its rectangle.
 */
import { TILE } from "../../segmentation/tiles.js";
import { createPrograms } from "./gl_programs.js";
import { DIMMED, OUTSIDE, deviceBox, visibleTiles } from "./view.js";

/** @typedef {import("./view.js").View} View */
/** @typedef {import("./view.js").LayerOptions} LayerOptions */

/** Tiles kept on the GPU: 512 kB each. */
const TEXTURE_LAYERS = 192;
const HALO_REACH = 4;

/**
 * @param {HTMLCanvasElement} canvas @param {import("../../segmentation/label_map.js").LabelMap} map
 * @param {import("./levels.js").Levels} levels
 */
export function createGlLayer(canvas, map, levels) {
  const context = canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false });
  if (!context) throw new Error("WebGL2 is not available.");
  /** @type {WebGL2RenderingContext} */
  const gl = context;
  const programs = createPrograms(gl);
  const layerCount = Math.min(TEXTURE_LAYERS, gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS));
  const tileTexture = createTexture(gl.TEXTURE_2D_ARRAY);
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.R16UI, TILE, TILE, layerCount);
  const paletteTexture = createTexture(gl.TEXTURE_2D);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, 256, 256);
  const instanceBuffer = gl.createBuffer();
  const tileArrays = gl.createVertexArray();
  gl.bindVertexArray(tileArrays);
  gl.bindBuffer(gl.ARRAY_BUFFER, instanceBuffer);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 4, gl.FLOAT, false, 16, 0);
  gl.vertexAttribDivisor(0, 1);
  const noArrays = gl.createVertexArray();
  const framebuffer = gl.createFramebuffer();
  /** @type {WebGLTexture | null} */
  let numberTexture = null;
  let width = 0;
  let height = 0;
  let frame = 0;
  /** @type {Map<number, {layer: number, generation: number, usedAt: number}>} level tile → its place in the texture */
  const slots = new Map();
  const free = Array.from({ length: layerCount }, (_, i) => i);

  /** @param {number} target */
  function createTexture(target) {
    const texture = gl.createTexture();
    gl.bindTexture(target, texture);
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return texture;
  }

  /** @param {number} W @param {number} H */
  function fitFramebuffer(W, H) {
    if (W === width && H === height) return;
    width = W;
    height = H;
    if (numberTexture) gl.deleteTexture(numberTexture);
    numberTexture = createTexture(gl.TEXTURE_2D);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R16UI, W, H);
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, numberTexture, 0);
  }

  /** @param {number} key */
  function slotFor(key) {
    let slot = slots.get(key);
    if (!slot) {
      if (free.length === 0) freeOldest();
      slot = { layer: /** @type {number} */ (free.pop()), generation: -1, usedAt: frame };
      slots.set(key, slot);
    }
    slot.usedAt = frame;
    return slot;
  }

  function freeOldest() {
    const byAge = [...slots].sort((a, b) => a[1].usedAt - b[1].usedAt);
    for (const [key, { layer, usedAt }] of byAge.slice(0, 16)) {
      if (usedAt === frame) break;
      slots.delete(key);
      free.push(layer);
    }
    if (free.length === 0) throw new Error("More tiles are in view than the GPU holds.");
  }

  /** @param {import("./levels.js").LevelTile} tile @returns {number} its texture layer, -1 if uniform */
  function upload(tile) {
    if (!tile.pixels) return -1;
    const slot = slotFor(tile.key);
    if (slot.generation === tile.generation) return slot.layer;
    const [x0, y0, x1, y1] = slot.generation >= 0 && tile.changed ? tile.changed : [0, 0, TILE - 1, TILE - 1];
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 2);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, TILE);
    gl.texSubImage3D(
      gl.TEXTURE_2D_ARRAY, 0, x0, y0, slot.layer, x1 - x0 + 1, y1 - y0 + 1, 1,
      gl.RED_INTEGER, gl.UNSIGNED_SHORT, tile.pixels, y0 * TILE + x0,
    );
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    slot.generation = tile.generation;
    tile.changed = null;
    return slot.layer;
  }

  /** @param {View} view */
  function drawNumbers(view) {
    const { k, tiles } = visibleTiles(map, view, levels.deepest);
    const side = TILE << k;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D_ARRAY, tileTexture);
    const instances = new Float32Array(4 * tiles.length);
    tiles.forEach(([tx, ty], i) => {
      const tile = levels.get(k, tx, ty);
      instances.set([tx * side, ty * side, upload(tile), Math.max(0, tile.uni)], 4 * i);
    });
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.viewport(0, 0, view.W, view.H);
    gl.clearBufferuiv(gl.COLOR, 0, new Uint32Array([OUTSIDE, 0, 0, 0]));
    const { program, uniforms } = programs.tiles;
    gl.useProgram(program);
    gl.bindVertexArray(tileArrays);
    gl.bindBuffer(gl.ARRAY_BUFFER, instanceBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, instances, gl.STREAM_DRAW);
    gl.uniform1i(uniforms.tiles, 0);
    gl.uniform4f(uniforms.linear, view.a, view.b, view.c, view.d);
    gl.uniform4f(uniforms.offset, view.e, view.f, view.W, view.H);
    gl.uniform1f(uniforms.side, side);
    gl.uniform2f(uniforms.size, map.width, map.height);
    gl.disable(gl.BLEND);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, tiles.length);
  }

  /** @param {import("./gl_programs.js").Program} program @param {LayerOptions} options */
  function drawScreen({ program, uniforms }, options) {
    gl.useProgram(program);
    gl.uniform1i(uniforms.numbers, 0);
    gl.uniform1i(uniforms.palette, 1);
    gl.uniform1f(uniforms.fill, options.fill);
    gl.uniform1f(uniforms.dimmed, options.dim ? DIMMED : 1);
    gl.uniform1i(uniforms.outline, options.outline ? 1 : 0);
    gl.uniform1ui(uniforms.selected, options.selected);
    gl.uniform1ui(uniforms.hover, options.hover);
    gl.uniform1ui(uniforms.solo, options.solo);
    gl.uniform1i(uniforms.gaps, options.gaps ? 1 : 0);
    gl.uniform1i(uniforms.patterns, options.patterns ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** @param {View} view @param {LayerOptions} options */
  function draw(view, options) {
    frame++;
    levels.flush();
    fitFramebuffer(view.W, view.H);
    drawNumbers(view);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, view.W, view.H);
    gl.bindVertexArray(noArrays);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, numberTexture);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, paletteTexture);
    drawScreen(programs.colours, options);
    drawHalo(view, options);
  }

  /** @param {View} view @param {LayerOptions} options */
  function drawHalo(view, options) {
    const box = options.selected ? map.boxOf(options.selected) : null;
    const onScreen = box && deviceBox(view, box, HALO_REACH);
    if (!onScreen) return;
    const [x0, y0, x1, y1] = onScreen;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(x0, view.H - 1 - y1, x1 - x0 + 1, y1 - y0 + 1);
    drawScreen(programs.halo, options);
    gl.disable(gl.SCISSOR_TEST);
  }

  return {
    kind: "webgl2",
    draw,
    /** @param {Uint8Array} rgba 65536 × 4 @param {Iterable<number>} [numbers] those whose colours changed; all if left out */
    setPalette(rgba, numbers) {
      gl.activeTexture(gl.TEXTURE1);
      gl.bindTexture(gl.TEXTURE_2D, paletteTexture);
      const rows = numbers ? new Set([...numbers].map((number) => number >> 8)) : null;
      if (!rows) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 256, 256, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
      else for (const row of rows) gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, row, 256, 1, gl.RGBA, gl.UNSIGNED_BYTE, rgba, row * 1024);
    },
    /** The number shown at a device pixel of the last frame. @param {number} X @param {number} Y */
    idAt(X, Y) {
      const value = new Uint16Array(1);
      gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
      gl.readPixels(X, height - 1 - Y, 1, 1, gl.RED_INTEGER, gl.UNSIGNED_SHORT, value);
      return value[0];
    },
    dispose: () => gl.getExtension("WEBGL_lose_context")?.loseContext(),
  };
}
