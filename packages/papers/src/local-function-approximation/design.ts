/**
 * Methods that only need values of f, in two halves: where to evaluate it, and what follows from the
 * values. Between the two there may be any model, also one without gradients.
 */
import type { Tensor } from "@etude/tensor";
import { leastSquares, type Regression } from "./leastSquares.ts";
import type { Neighbourhood } from "./neighbourhoods.ts";
import { featureCount, perturbed, type Setting } from "./perturbation.ts";

export interface Design {
  /** [n, d] */
  readonly xi: Tensor;
  /** x0 (+) xi, the inputs to evaluate: [n, inputs]. */
  readonly points: Tensor;
  /** [n]; all alike where not there. */
  readonly logWeights?: Tensor;
}

export function designOf(
  x0: Tensor,
  neighbourhood: Neighbourhood,
  samples: number,
  key: Tensor,
  setting: Setting,
): Design {
  const dtype = x0.dtype === "float64" ? "float64" : "float32";
  const xi = neighbourhood.draw(key, { samples, features: featureCount(x0, setting), dtype });
  const points = perturbed(neighbourhood.operation, x0, xi, setting);
  const logWeights = neighbourhood.logWeights?.(xi, points.sub(x0));
  return logWeights === undefined ? { xi, points } : { xi, points, logWeights };
}

/** The linear model, with bias, of the values [n] at a design's points. */
export const regress = ({ xi, logWeights }: Design, values: Tensor): Regression =>
  leastSquares(xi, values, logWeights, true);
