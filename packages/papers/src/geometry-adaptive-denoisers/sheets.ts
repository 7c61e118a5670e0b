/** Images to be looked at, as PNG files. */
import { imageSheet } from "@etude/data";
import { takeRows } from "@etude/learn";
import { NDArray } from "@etude/tensor";
import type { ComparedSamples } from "./generalization.ts";

/** Small images are enlarged to about so many pixels. */
const shownSide = 48;

const zoomOf = (images: NDArray): number =>
  Math.max(1, Math.round(shownSide / Math.max(...images.shape.slice(2))));

function stacked(rows: readonly NDArray[]): NDArray {
  const [first] = rows;
  const values = new Float32Array(rows.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  let count = 0;
  for (const { data, shape } of rows) {
    values.set(data, at);
    at += data.length;
    count += shape[0];
  }
  return new NDArray(values, [count, ...first.shape.slice(1)], "float32");
}

/**
 * Four rows: samples of model A, of model B from the same noise, and the training image nearest to
 * each: of A's sample in A's set, of B's sample in B's set.
 */
export function sampleSheet(
  { a, b, nearestA, nearestB }: ComparedSamples,
  [setA, setB]: readonly [NDArray, NDArray],
  shown: number,
): Uint8Array {
  const good = a.converged.flatMap((sound, i) => (sound && b.converged[i] ? [i] : []));
  const chosen = good.slice(0, shown);
  // Where nothing converged the sheet shows what there is.
  const rows = chosen.length > 0 ? chosen : [0];
  const at = (nearest: ComparedSamples["nearestA"]) =>
    rows.map((i) => Math.max(0, nearest[i].index));
  const sheet = stacked([
    takeRows(a.images, rows),
    takeRows(b.images, rows),
    takeRows(setA, at(nearestA)),
    takeRows(setB, at(nearestB)),
  ]);
  return imageSheet(sheet, { columns: rows.length, zoom: zoomOf(sheet), gap: 2 });
}

/** Basis vectors, gray at 0, each with its own contrast. Of colours the mean is shown. */
export function basisSheet(basis: NDArray, shown: number): Uint8Array {
  const [count, channels, height, width] = basis.shape;
  const n = Math.min(shown, count);
  const plane = height * width;
  const values = new Float32Array(n * plane);
  for (let k = 0; k < n; k++) {
    let largest = 1e-12;
    for (let i = 0; i < plane; i++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += basis.data[(k * channels + c) * plane + i];
      values[k * plane + i] = sum / channels;
      largest = Math.max(largest, Math.abs(sum / channels));
    }
    for (let i = k * plane; i < (k + 1) * plane; i++) values[i] = 0.5 + values[i] / (2 * largest);
  }
  const images = new NDArray(values, [n, 1, height, width], "float32");
  return imageSheet(images, { columns: Math.min(n, 6), zoom: zoomOf(images), gap: 2 });
}
