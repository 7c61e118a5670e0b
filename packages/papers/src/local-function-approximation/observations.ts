/** What the model does in a neighbourhood: the data that an approximation is fitted to. */
import type { random, Tensor } from "@etude/tensor";
import { refuse } from "./checks.ts";
import type { Neighbourhood } from "./neighbourhoods.ts";
import { featureCount, perturbed, type Setting } from "./perturbation.ts";
import { gradientsAt, type ScalarFunction, valuesAt } from "./scalarFunction.ts";

/**
 * - squaredError: (f(x0 (+) xi) - g(xi))^2 (eq. 2);
 * - gradientMatching: ||grad_xi f(x0 (+) xi) - grad_xi g(xi)||^2 (eq. 3);
 * - deltaSquaredError: (f(x0) - f(x0 (+) (1 - xi)) - g(xi))^2, for multiplication (eq. 11).
 */
export const lossNames = ["squaredError", "gradientMatching", "deltaSquaredError"] as const;
export type LfaLoss = (typeof lossNames)[number];

export interface Observations {
  /** [n, d] */
  readonly xi: Tensor;
  /** What g, or for gradient matching its gradient, is to be: [n] or [n, d]. */
  readonly targets: Tensor;
  /** log pi [n]; all perturbations count the same where it is not there. */
  readonly logWeights: Tensor | undefined;
}

/**
 * @param x0 [inputs]
 */
export function observe(
  f: ScalarFunction,
  x0: Tensor,
  neighbourhood: Neighbourhood,
  loss: LfaLoss,
  samples: number,
  key: Tensor,
  setting: Setting,
): Observations {
  const { operation } = neighbourhood;
  const dtype = x0.dtype as random.FloatType;
  const xi = neighbourhood.draw(key, { samples, features: featureCount(x0, setting), dtype });
  const displacements = perturbed(operation, x0, xi, setting).sub(x0);
  const logWeights = neighbourhood.logWeights?.(xi, displacements);
  return { xi, targets: targetsOf(f, x0, xi, neighbourhood, loss, setting), logWeights };
}

function targetsOf(
  f: ScalarFunction,
  x0: Tensor,
  xi: Tensor,
  { operation, name }: Neighbourhood,
  loss: LfaLoss,
  setting: Setting,
): Tensor {
  const { batch } = setting;
  const around: ScalarFunction = (rows) => f(perturbed(operation, x0, rows, setting));
  switch (loss) {
    case "squaredError":
      return valuesAt(around, xi, batch);
    case "gradientMatching":
      return gradientsAt(around, xi, batch);
    case "deltaSquaredError": {
      if (operation !== "multiplicative")
        refuse(`deltaSquaredError removes features, but ${name} adds to them; use squaredError`);
      const here = valuesAt(f, x0.expandDims(0)).reshape([]);
      return here.sub(valuesAt(around, xi.neg().add(1), batch));
    }
  }
}
