/** The compiled part of sampling: some steps of the coarse-to-fine ascent in one call. */
import { jit, random, scan, type Tensor, where } from "@etude/tensor";

/** A level above this one is no progress any more. */
const divergedSigma = 2;

export interface SamplerState {
  readonly y: Tensor;
  /** 1 while a sample goes on, [n]. */
  readonly active: Tensor;
  /** Level at the last look, [n]. */
  readonly sigma: Tensor;
  /** Steps taken, [n]. */
  readonly steps: Tensor;
}

/** Measured directions [m, d], orthonormal rows, and values [n, m]. */
export type Guide = { directions: Tensor; values: Tensor } | null;

interface Settings {
  readonly sigmaEnd: Tensor;
  readonly key: Tensor;
  /** Whether any noise is injected. */
  readonly noisy: boolean;
}

/** Step by step: h_t, gamma_t / sigma (equation 15) and t. */
interface Steps {
  readonly h: Tensor;
  readonly injected: Tensor;
  readonly t: Tensor;
}

const rowsOf = (y: Tensor): Tensor => y.reshape([y.shape[0], -1]);
const perImage = (vector: Tensor): Tensor => vector.reshape([-1, 1, 1, 1]);

/**
 * A sampler for a network that predicts noise; compiled once for every shape.
 *
 *     g = r(y);  sigma = ||g|| / sqrt d;  a sample with sigma <= sigma_end is finished
 *     y <- y - h_t g + gamma_t N(0, I)
 *
 * With measurements M^T x = v the gradient is r(y) off the measured directions and what M^T y lacks
 * of v along them: g = r - M M^T r + M (M^T y - v).
 *
 * @param predict r(y) of y [n, C, H, W], with parameters in any tree
 */
export function compileSampler<P>(predict: (params: P, y: Tensor) => Tensor) {
  const gradient = (params: P, y: Tensor, guide: Guide): Tensor => {
    const g = predict(params, y);
    if (guide === null) return g;
    const along = rowsOf(y).sub(rowsOf(g)).matmul(guide.directions.transpose()).sub(guide.values);
    return rowsOf(g).add(along.matmul(guide.directions)).reshape(y.shape);
  };

  /** y ~ N(m 1, sigma^2 I), the mean moved to agree with the measurements. */
  const begin = jit((centre: Tensor, sigma: Tensor, key: Tensor, guide: Guide): Tensor => {
    const noise = random.normal(key, centre.shape).mul(sigma);
    if (guide === null) return centre.add(noise);
    const rows = rowsOf(centre);
    const lacking = guide.values.sub(rows.matmul(guide.directions.transpose()));
    return rows.add(lacking.matmul(guide.directions)).reshape(centre.shape).add(noise);
  });

  /** As many steps as there are entries of `steps`; with the level before each, [steps, n]. */
  const advance = jit(
    (params: P, state: SamplerState, steps: Steps, settings: Settings, guide: Guide) => {
      const step = (before: SamplerState, { h, injected, t }: Steps): [SamplerState, Tensor] => {
        const g = gradient(params, before.y, guide);
        const level = rowsOf(g.mul(g)).mean(1).sqrt();
        // A level that is no number compares as neither: such a sample stops, too.
        const goes = level.greater(settings.sigmaEnd).and(level.lessEqual(divergedSigma));
        const active = before.active.mul(goes.astype("float32"));
        const drift = before.y.sub(g.mul(h));
        const moved = settings.noisy
          ? random
              .normal(random.foldIn(settings.key, t), before.y.shape)
              .mul(perImage(level.mul(injected)))
              .add(drift)
          : drift;
        const sigma = where(before.active.greater(0), level, before.sigma);
        const y = where(perImage(active).greater(0), moved, before.y);
        return [{ y, active, sigma, steps: before.steps.add(active) }, sigma];
      };
      const [after, sigmas] = scan(step, state, steps);
      return { after, sigmas };
    },
  );

  /** The last step takes all noise away: y - r(y). */
  const finish = jit(
    (params: P, y: Tensor, guide: Guide): Tensor => y.sub(gradient(params, y, guide)),
  );
  return { begin, advance, finish };
}
