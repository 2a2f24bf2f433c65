/** The WebGL2 programs of the mask layer: tiles into a buffer of numbers, then numbers into colours. */
import { TILE } from "../../segmentation/tiles.js";

const TILES_VERTEX = `#version 300 es
precision highp float; precision highp int;
layout(location = 0) in vec4 tile;   // left, top (image px), texture layer or -1, number if uniform
uniform vec4 linear;                 // a b c d
uniform vec4 offset;                 // e f W H
uniform float side;                  // of a tile, image px
uniform vec2 size;                   // of the image, px
out vec2 place; flat out int layer; flat out uint uniform_number;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 image = min(tile.xy + corner * side, size);
  place = (image - tile.xy) / side * ${TILE}.0;
  layer = int(tile.z);
  uniform_number = uint(tile.w);
  vec2 device = vec2(linear.x * image.x + linear.z * image.y, linear.y * image.x + linear.w * image.y) + offset.xy;
  gl_Position = vec4(device.x / offset.z * 2.0 - 1.0, 1.0 - device.y / offset.w * 2.0, 0.0, 1.0);
}`;

const TILES_FRAGMENT = `#version 300 es
precision highp float; precision highp int; precision highp usampler2DArray;
uniform usampler2DArray tiles;
in vec2 place; flat in int layer; flat in uint uniform_number;
out uvec4 number;
void main() {
  ivec2 texel = clamp(ivec2(place), 0, ${TILE - 1});
  number = uvec4(layer < 0 ? uniform_number : texelFetch(tiles, ivec3(texel, layer), 0).r, 0u, 0u, 1u);
}`;

const SCREEN_VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

const COLOUR_COMMON = `#version 300 es
precision highp float; precision highp int; precision highp usampler2D;
uniform usampler2D numbers; uniform sampler2D palette;
uniform float fill; uniform float dimmed; uniform int outline; uniform uint selected; uniform uint hover; uniform uint solo; uniform int gaps; uniform int patterns;
out vec4 colour;
uint at(ivec2 q) { return texelFetch(numbers, clamp(q, ivec2(0), textureSize(numbers, 0) - 1), 0).r; }
`;

/** Fill, hatch and outline: five fetches a pixel, over the whole screen. */
const COLOUR_FRAGMENT = `${COLOUR_COMMON}
void main() {
  ivec2 q = ivec2(gl_FragCoord.xy);
  uint id = at(q);
  vec4 c = texelFetch(palette, ivec2(int(id & 255u), int(id >> 8)), 0);
  bool shown = id > 0u && c.a > 0.0 && (solo == 0u || solo == id);
  float alpha = (shown ? (selected == 0u || selected == id ? fill : fill * dimmed) : 0.0) + (id > 0u && id == hover ? 0.18 : 0.0);
  vec3 rgb = c.rgb;
  if (patterns == 1 && shown && id < 65535u) {
    uint kind = id & 3u;
    int line = kind == 1u ? q.x - q.y : kind == 2u ? q.x + q.y : q.y;
    if (kind > 0u && (line & 7) == 0) {
      alpha = 1.0;
      rgb = min(vec3(1.0), c.rgb * 0.75 + 0.25);
    }
  }
  if (id == 0u && gaps == 1) {
    bool line = ((q.x + q.y) & 15) < 5;
    alpha = line ? 0.82 : 0.35;
    rgb = line ? vec3(1.0, 0.84, 0.0) : vec3(0.0);
  }
  bool edge = at(q + ivec2(1, 0)) != id || at(q - ivec2(1, 0)) != id || at(q + ivec2(0, 1)) != id || at(q - ivec2(0, 1)) != id;
  if (edge && outline == 1 && solo == 0u) {
    vec3 base = id == 0u || id == 65535u ? vec3(0.95) : min(vec3(1.0), c.rgb * 0.75 + 0.25);
    colour = vec4(base, 1.0);
    return;
  }
  alpha = min(alpha, 1.0);
  colour = vec4(rgb * alpha, alpha);
}`;

/** The halo: many fetches a pixel, drawn only over the selected entity's box. */
const HALO_FRAGMENT = `${COLOUR_COMMON}
void main() {
  ivec2 q = ivec2(gl_FragCoord.xy);
  bool inside = at(q) == selected;
  bool near = false; bool far = false;
  for (int r = 1; r <= 3; r++) {
    for (int k = 0; k < 8; k++) {
      ivec2 d = ivec2(k < 3 ? -r : k > 4 ? r : 0, (k == 0 || k == 3 || k == 5) ? -r : (k == 2 || k == 4 || k == 7) ? r : 0);
      if ((at(q + d) == selected) == inside) continue;
      if (r <= 2) near = true; else far = true;
    }
  }
  if (near) colour = vec4(1.0);
  else if (far && !inside) colour = vec4(0.0, 0.0, 0.0, 1.0);
  else discard;
}`;

/**
 * @typedef {{program: WebGLProgram, uniforms: Record<string, WebGLUniformLocation | null>}} Program
 */

/** @param {WebGL2RenderingContext} gl @param {string} vertex @param {string} fragment @returns {Program} */
function link(gl, vertex, fragment) {
  const program = gl.createProgram();
  for (const [type, source] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(type));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "A shader does not link.");
  /** @type {Record<string, WebGLUniformLocation | null>} */
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); i++) {
    const name = gl.getActiveUniform(program, i)?.name ?? "";
    uniforms[name] = gl.getUniformLocation(program, name);
  }
  return { program, uniforms };
}

/** @param {WebGL2RenderingContext} gl */
export const createPrograms = (gl) => ({
  tiles: link(gl, TILES_VERTEX, TILES_FRAGMENT),
  colours: link(gl, SCREEN_VERTEX, COLOUR_FRAGMENT),
  halo: link(gl, SCREEN_VERTEX, HALO_FRAGMENT),
});
