/** Rings round a mask as a path on a canvas. */

/**
 * @param {Float32Array[]} rings @param {(x: number, y: number) => [number, number]} place  where a point of them goes
 * @param {Path2D} [path]
 */
export function pathOf(rings, place, path = new Path2D()) {
  for (const ring of rings) {
    path.moveTo(...place(ring[0], ring[1]));
    for (let i = 2; i < ring.length; i += 2) path.lineTo(...place(ring[i], ring[i + 1]));
    path.closePath();
  }
  return path;
}
