/**
 * The 24 colours an entity may have, and how far apart any two look to people with normal, protan, deutan and tritan
 * vision (Machado et al. 2009), in OKLab.
 */

/** @typedef {[number, number, number]} Triple */

/** Lightness, chroma, number of hues and first hue (radians) of each ring of candidates. */
const RINGS = [
  { lightness: 0.86, chroma: 0.13, hues: 7, phase: 0.2 },
  { lightness: 0.68, chroma: 0.17, hues: 9, phase: 0 },
  { lightness: 0.5, chroma: 0.17, hues: 8, phase: 0.35 },
];

const VISIONS = [
  [1, 0, 0, 0, 1, 0, 0, 0, 1],
  [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
];

/** @param {number} value */
const clampUnit = (value) => Math.max(0, Math.min(1, value));
/** @param {number} value linear, 0..1 */
const encodeGamma = (value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
/** @param {number} value 0..255 */
const decodeGamma = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);

/** @param {number} lightness @param {number} chroma @param {number} hue @returns {Triple} linear RGB, maybe out of gamut */
function linearOfOklch(lightness, chroma, hue) {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** @param {Triple} linear @returns {Triple} */
function oklabOfLinear([r, g, b]) {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** The colour of a ring's hue, with as much of its chroma as the screen can show. @returns {Triple} 0..255
 * @param {number} lightness @param {number} chroma @param {number} hue */
function shownColour(lightness, chroma, hue) {
  for (;;) {
    const linear = linearOfOklch(lightness, chroma, hue);
    if (chroma < 0.03 || linear.every((value) => value < 1.002)) {
      return /** @type {Triple} */ (linear.map((value) => Math.round(255 * clampUnit(encodeGamma(Math.max(0, value))))));
    }
    chroma *= 0.92;
  }
}

/** @type {Triple[]} RGB, 0..255 */
export const COLOURS = RINGS.flatMap(({ lightness, chroma, hues, phase }) =>
  Array.from({ length: hues }, (_, i) => shownColour(lightness, chroma, phase + (i / hues) * 2 * Math.PI)),
);

/** @param {Triple} rgb @returns {Triple[]} its OKLab in each vision */
function seen(rgb) {
  const linear = rgb.map(decodeGamma);
  return VISIONS.map((m) =>
    oklabOfLinear([
      clampUnit(m[0] * linear[0] + m[1] * linear[1] + m[2] * linear[2]),
      clampUnit(m[3] * linear[0] + m[4] * linear[1] + m[5] * linear[2]),
      clampUnit(m[6] * linear[0] + m[7] * linear[1] + m[8] * linear[2]),
    ]),
  );
}

const SEEN = COLOURS.map(seen);

/** DISTANCE[i][j]: OKLab distance of two colours in the vision that tells them apart worst. */
export const DISTANCE = SEEN.map((a) =>
  SEEN.map((b) => Math.min(...a.map((p, v) => Math.hypot(p[0] - b[v][0], p[1] - b[v][1], p[2] - b[v][2])))),
);

/** @param {number} colour index into the palette; -1: none chosen yet @returns {Triple} */
export const rgbOf = (colour) => (colour < 0 ? [150, 150, 150] : COLOURS[colour % COLOURS.length]);

/** @param {number} colour */
export const cssOf = (colour) => `rgb(${rgbOf(colour).join(" ")})`;
