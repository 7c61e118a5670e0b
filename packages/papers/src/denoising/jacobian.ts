/** The Jacobian of a denoiser at an image, whole or by its products with vectors. */
import { iota, jit, jvp, NDArray, type Tensor, vjp, vmap } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import { checkImageShape, denoise, type TrainedDenoiser } from "./denoiser.ts";
import type { DenoiserParams, DenoiserState } from "./layers.ts";
import { perOptions } from "./perOptions.ts";

/** Rows of the Jacobian of one compiled call. */
const chunk = 64;
/** A whole Jacobian of more pixels does not fit into memory twice; there is `topEigenpairs`. */
const mostPixels = 4096;

const compiled = perOptions((options) => {
  const f = (params: DenoiserParams, state: DenoiserState) => (y: Tensor) =>
    denoise(options, params, state, y);
  return {
    rows: jit((params: DenoiserParams, state: DenoiserState, y: Tensor, places: Tensor): Tensor => {
      const [value, pull] = vjp(f(params, state), y);
      const row = (place: Tensor): Tensor => {
        const basis = iota(value.size, "int32").equal(place).astype("float32");
        return pull(basis.reshape(value.shape))[0].reshape([-1]);
      };
      return vmap(row)(places);
    }),
    products: jit((params: DenoiserParams, state: DenoiserState, y: Tensor, v: Tensor) => {
      const at = f(params, state);
      const [, forward] = jvp(at, [y], [v]);
      const [, pull] = vjp(at, y);
      return { forward, backward: pull(v)[0] };
    }),
    denoised: jit((params: DenoiserParams, state: DenoiserState, y: Tensor) => f(params, state)(y)),
  };
});

/** f(y) = y - r(y) for images [B, C, H, W], in evaluation mode. */
export const denoiseImages = (
  { options, params, state }: TrainedDenoiser,
  noisy: NDArray,
): Promise<NDArray> => compiled(options).denoised(params, state, noisy);

/** One image as a batch: [C, H, W] or [1, C, H, W] to [1, C, H, W]. */
export function oneImage({ options }: TrainedDenoiser, image: NDArray): NDArray {
  const batch = image.rank === 3 ? image.reshape([1, ...image.shape]) : image;
  checkImageShape(options, batch.shape);
  if (batch.shape[0] !== 1)
    throw new UsageError(`a Jacobian is that of one image, not of ${batch.shape[0]}`);
  return batch;
}

/**
 * J = df/dy at a noisy image, float32 [d, d] with d = C H W: row i is the gradient of output i.
 *
 * @throws UsageError for images of more than 4096 numbers, or that do not fit the network
 */
export async function jacobian(denoiser: TrainedDenoiser, noisyImage: NDArray): Promise<NDArray> {
  const { options, params, state } = denoiser;
  const y = oneImage(denoiser, noisyImage);
  const d = y.size;
  if (d > mostPixels)
    throw new UsageError(
      `a Jacobian of ${d} x ${d} is too large; use topEigenpairs and traceEstimate`,
    );
  const values = new Float32Array(d * d);
  for (let from = 0; from < d; from += chunk) {
    // The last call computes some rows again rather than compile for another number of them.
    const start = Math.max(0, Math.min(from, d - chunk));
    const places = Int32Array.from({ length: Math.min(chunk, d) }, (_, i) => start + i);
    const rows = await compiled(options).rows(
      params,
      state,
      y,
      new NDArray(places, [places.length], "int32"),
    );
    values.set(rows.data, start * d);
  }
  return new NDArray(values, [d, d], "float32");
}

/** J v and J^T v at an image, for images v of its shape. */
export async function jacobianProducts(
  denoiser: TrainedDenoiser,
  noisyImage: NDArray,
  v: NDArray,
): Promise<{ forward: NDArray; backward: NDArray }> {
  const { options, params, state } = denoiser;
  const y = oneImage(denoiser, noisyImage);
  return compiled(options).products(params, state, y, v.reshape(y.shape));
}
