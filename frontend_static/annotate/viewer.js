/** The stage: the image by OpenSeadragon, the masks above it, and a canvas for the cursor; one affine map drives all. */
import { t } from "../shared/translate.js";
import { reducesMotion } from "../shell/preferences.js";
import { createLevels } from "./render/levels.js";
import { createMaskLayer } from "./mask_layer.js";
import { scaleOf, toDevice, toImage } from "./render/view.js";
import { createSignal } from "./store.js";

/** @typedef {import("./render/view.js").View} View */
/** @typedef {import("../segmentation/raster.js").Point} Point */
/** @typedef {ReturnType<typeof createViewer>} Viewer */
/** @typedef {{x: number, y: number, zoom: number, rotation: number}} Frame */

/** Two points this far apart give the matrix without rounding. */
const BASELINE = 4096;
/** Beyond this magnification pixels are shown as squares. */
const CRISP_ABOVE = 3;
const MAX_PIXEL_RATIO = 2;
/** A box of few pixels is shown with at least so many. */
const LEAST_SHOWN = 40;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.host  holds an element for the image; canvases are added to it
 * @param {HTMLElement} parts.imageHost
 * @param {HTMLElement} parts.navigatorHost  for the small picture of the whole image
 * @param {import("../segmentation/label_map.js").LabelMap} parts.map
 * @param {string} parts.dziUrl
 * @param {string} [parts.descriptor]  what is at that address, if it is known already
 * @param {string | null} [parts.prefer] "gl" or "soft"
 */
export function createViewer({ host, imageHost, navigatorHost, map, dziUrl, descriptor, prefer }) {
  const OpenSeadragon = /** @type {any} */ (window).OpenSeadragon;
  if (!OpenSeadragon) throw new Error("OpenSeadragon was not installed with this server: run `make setup` there.");
  forgoInlineStyle();
  const levels = createLevels(map);
  const layer = createMaskLayer(host, map, levels, { prefer, onReplaced: () => requestDraw() });
  const hud = document.createElement("canvas");
  hud.className = "hud-canvas";
  host.append(hud);
  const pen = /** @type {CanvasRenderingContext2D} */ (hud.getContext("2d"));
  /** @type {import("./render/view.js").LayerOptions} */
  const options = { fill: 0.42, outline: true, selected: 0, hover: 0, solo: 0, dim: false, gaps: false, patterns: false };
  /** @type {((pen: CanvasRenderingContext2D, view: View) => void) | null} */
  let drawHud = null;
  const moved = createSignal();
  const stats = { frames: 0, lastDrawMs: 0 };
  let pixelRatio = 1;
  let queued = 0;
  let isSmooth = true;

  const osd = OpenSeadragon({
    element: imageHost,
    tileSources: descriptor ? tileSourceOf(dziUrl, descriptor) : dziUrl,
    drawer: "canvas",
    showNavigationControl: false,
    showNavigator: true,
    navigatorId: navigatorHost.id,
    navigatorAutoFade: false,
    animationTime: reducesMotion() ? 0 : 0.25,
    springStiffness: 10,
    maxZoomPixelRatio: 32,
    minZoomImageRatio: 0.8,
    visibilityRatio: 0.2,
    imageLoaderLimit: 6,
    tabIndex: "-1",
  });
  osd.setMouseNavEnabled(false);
  osd.addHandler("update-viewport", () => {
    smoothImage();
    draw();
    moved.emit(undefined);
  });
  const opened = new Promise((resolve, reject) => {
    osd.addOnceHandler("open", resolve);
    osd.addOnceHandler("open-failed", () => reject(new Error(t("The image cannot be shown: its tiles are missing."))));
  });
  opened.then(requestDraw, () => {});
  const observer = new ResizeObserver(() => {
    resize();
    requestDraw();
  });
  observer.observe(host);
  resize();

  function resize() {
    pixelRatio = Math.min(MAX_PIXEL_RATIO, devicePixelRatio || 1);
    const { width, height } = host.getBoundingClientRect();
    const [w, h] = [Math.max(1, Math.round(width * pixelRatio)), Math.max(1, Math.round(height * pixelRatio))];
    layer.resize(w, h);
    Object.assign(hud, { width: w, height: h });
  }

  const image = () => osd.world.getItemAt(0);

  function smoothImage() {
    const item = image();
    if (!item) return;
    const smooth = item.viewportToImageZoom(osd.viewport.getZoom(true)) < CRISP_ABOVE;
    if (smooth !== isSmooth) osd.drawer.setImageSmoothingEnabled(smooth);
    isSmooth = smooth;
  }

  /** The view of this frame (springs' current values), or null before the image is open. @returns {View | null} */
  function view() {
    const item = image();
    if (!item) return null;
    /** @param {number} x @param {number} y */
    const pixel = (x, y) => osd.viewport.pixelFromPoint(item.imageToViewportCoordinates(x, y, true), true);
    const origin = pixel(0, 0);
    const right = pixel(BASELINE, 0);
    const down = pixel(0, BASELINE);
    return {
      a: ((right.x - origin.x) / BASELINE) * pixelRatio,
      b: ((right.y - origin.y) / BASELINE) * pixelRatio,
      c: ((down.x - origin.x) / BASELINE) * pixelRatio,
      d: ((down.y - origin.y) / BASELINE) * pixelRatio,
      e: origin.x * pixelRatio,
      f: origin.y * pixelRatio,
      W: hud.width,
      H: hud.height,
    };
  }

  function draw() {
    const current = view();
    if (!current) return;
    const start = performance.now();
    layer.draw(current, options);
    pen.clearRect(0, 0, hud.width, hud.height);
    drawHud?.(pen, current);
    stats.frames++;
    stats.lastDrawMs = performance.now() - start;
  }

  /** Draw once before the next frame, however often it is asked for. */
  function requestDraw() {
    if (queued) return;
    queued = requestAnimationFrame(() => {
      queued = 0;
      draw();
    });
  }

  return {
    opened,
    layer,
    hud,
    stats,
    options,
    requestDraw,
    view,
    /** Fade the photograph, so that the masks stand out. @param {boolean} isDim */
    dimImage: (isDim) => imageHost.classList.toggle("dimmed", isDim),
    /** Device pixels per window pixel. */
    pixelRatio: () => pixelRatio,
    /** @param {Partial<import("./render/view.js").LayerOptions>} patch */
    show(patch) {
      Object.assign(options, patch);
      requestDraw();
    },
    /** @param {typeof drawHud} callback */
    setHud(callback) {
      drawHud = callback;
    },
    /** Image position under a place of the window; a pixel's centre has integer coordinates. @param {number} clientX @param {number} clientY @returns {Point} */
    pointAt(clientX, clientY) {
      const { left, top } = hud.getBoundingClientRect();
      const current = view();
      if (!current) return [0, 0];
      const [x, y] = toImage(current, (clientX - left) * pixelRatio, (clientY - top) * pixelRatio);
      return [x - 0.5, y - 0.5];
    },
    /** Like pointAt, for many places of this moment. @returns {(clientX: number, clientY: number) => Point} */
    pointsNow() {
      const { left, top } = hud.getBoundingClientRect();
      const current = view();
      return (clientX, clientY) => {
        if (!current) return [0, 0];
        const [x, y] = toImage(current, (clientX - left) * pixelRatio, (clientY - top) * pixelRatio);
        return [x - 0.5, y - 0.5];
      };
    },
    /** Where in the window the centre of a pixel is. @param {Point} point @returns {Point} */
    clientOf([x, y]) {
      const { left, top } = hud.getBoundingClientRect();
      const current = view();
      if (!current) return [0, 0];
      const [X, Y] = toDevice(current, x + 0.5, y + 0.5);
      return [left + X / pixelRatio, top + Y / pixelRatio];
    },
    /** Window pixels per image pixel. */
    scale() {
      const current = view();
      return current ? scaleOf(current) / pixelRatio : 1;
    },
    /** @param {number} dx @param {number} dy window pixels */
    pan(dx, dy) {
      osd.viewport.panBy(osd.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(-dx, -dy), true), true);
      osd.viewport.applyConstraints(true);
    },
    /** Two fingers: move and zoom at once, without springs. @param {import("./fingers.js").Pinch} pinch window pixels */
    pinch({ x, y, dx, dy, factor }) {
      const { left, top } = hud.getBoundingClientRect();
      osd.viewport.panBy(osd.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(-dx, -dy), true), true);
      osd.viewport.zoomBy(factor, osd.viewport.pointFromPixel(new OpenSeadragon.Point(x - left, y - top), true), true);
      osd.viewport.applyConstraints(true);
    },
    /** @param {number} factor @param {number} [clientX] @param {number} [clientY] the place that stays; the middle if left out */
    zoomBy(factor, clientX, clientY) {
      const { left, top } = hud.getBoundingClientRect();
      const still =
        clientX === undefined || clientY === undefined
          ? undefined
          : osd.viewport.pointFromPixel(new OpenSeadragon.Point(clientX - left, clientY - top), true);
      osd.viewport.zoomBy(factor, still);
      osd.viewport.applyConstraints();
    },
    /** @param {number} zoom window pixels per image pixel @param {boolean} [immediately] */
    zoomTo(zoom, immediately = false) {
      osd.viewport.zoomTo(image().imageToViewportZoom(zoom), undefined, immediately);
    },
    /** Show a box with some room around it. @param {import("../segmentation/label_map.js").Box} box @param {number} [room] @param {boolean} [immediately] */
    fit([x0, y0, x1, y1], room = 1.6, immediately = false) {
      const [x, w] = withRoom(x0, x1, room, map.width);
      const [y, h] = withRoom(y0, y1, room, map.height);
      osd.viewport.fitBounds(image().imageToViewportRectangle(x, y, w, h), immediately);
    },
    fitImage: () => osd.viewport.goHome(),
    /** @param {number} degrees */
    rotateBy: (degrees) => osd.viewport.setRotation(osd.viewport.getRotation() + degrees),
    resetRotation: () => osd.viewport.setRotation(0),
    rotation: () => osd.viewport.getRotation(),
    /** Where the image's tiles are, for small pictures of parts of it. @returns {import("./panels/thumbnails.js").TileSource} */
    tileSource() {
      const { source } = image();
      return {
        levels: source.maxLevel,
        tileSize: source.getTileWidth(source.maxLevel),
        overlap: source.tileOverlap,
        urlOf: (level, x, y) => source.getTileUrl(level, x, y),
        numberNear: (down, x, y) => levels.numberNear(Math.min(levels.deepest, down), x, y),
      };
    },
    /** Centre, zoom and rotation, to come back to later. */
    placement() {
      const { x, y } = osd.viewport.getCenter();
      return { x, y, zoom: osd.viewport.getZoom(), rotation: osd.viewport.getRotation() };
    },
    /** @param {{x: number, y: number, zoom: number, rotation: number}} placement */
    place({ x, y, zoom, rotation }) {
      osd.viewport.setRotation(rotation, true);
      osd.viewport.zoomTo(zoom, undefined, true);
      osd.viewport.panTo(new OpenSeadragon.Point(x, y), true);
    },
    /** Centre (in widths of the image), window pixels per image pixel and rotation of this very frame. @returns {Frame} */
    frame() {
      const { x, y } = osd.viewport.getCenter(true);
      return { x, y, zoom: image().viewportToImageZoom(osd.viewport.getZoom(true)), rotation: osd.viewport.getRotation(true) };
    },
    /** Show what another viewer of the same image shows, at once. @param {Frame} frame */
    follow({ x, y, zoom, rotation }) {
      osd.viewport.setRotation(rotation, true);
      osd.viewport.zoomTo(image().imageToViewportZoom(zoom), undefined, true);
      osd.viewport.panTo(new OpenSeadragon.Point(x, y), true);
    },
    onMoved: moved.on,
  };
}

/**
 * One side of what is shown around a box; never more than the image has. @param {number} low @param {number} high both inside
 * @param {number} room times the box @param {number} length of the image @returns {[number, number]} start and size
 */
function withRoom(low, high, room, length) {
  const size = Math.max(LEAST_SHOWN, (high - low + 1) * room);
  return size < length ? [(low + high + 1 - size) / 2, size] : [0, length];
}

/** A deep-zoom descriptor as the object OpenSeadragon takes. @param {string} url @param {string} xml */
function tileSourceOf(url, xml) {
  const image = new DOMParser().parseFromString(xml, "text/xml").documentElement;
  const size = image.getElementsByTagName("Size")[0];
  /** @param {Element} from @param {string[]} names */
  const pick = (from, names) => Object.fromEntries(names.map((name) => [name, from.getAttribute(name)]));
  return {
    Image: {
      xmlns: image.namespaceURI,
      Url: url.replace(/\.dzi$/, "_files/"),
      ...pick(image, ["Format", "Overlap", "TileSize"]),
      Size: pick(size, ["Width", "Height"]),
    },
  };
}

/**
 * OpenSeadragon adds a style element unless it finds its own; an element of that name in no namespace, which styles
 * nothing, keeps the Content-Security-Policy free of exceptions. The rule itself is in annotate.css.
 */
function forgoInlineStyle() {
  const marker = document.createElementNS(null, "style");
  marker.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(marker);
}
