/** What `etude read`, `verify` and `use` are given. */
import { card } from "../cards/local-function-approximation.ts";
import type { Paper } from "../contract/paper.ts";
import { experiment } from "./experiment.ts";
import { use } from "./use.ts";

export const paper: Paper = {
  card,
  method: [
    "localFunctionApproximation.ts",
    "perturbation.ts",
    "neighbourhoods.ts",
    "kernels.ts",
    "observations.ts",
    "surrogates.ts",
    "leastSquares.ts",
    "adamFit.ts",
    "methods.ts",
    "lime.ts",
    "kernelShap.ts",
    "occlusion.ts",
    "cLime.ts",
    "gradients.ts",
    "smoothGrad.ts",
    "integratedGradients.ts",
    "noFreeLunch.ts",
    "perturbationTest.ts",
    "choice.ts",
  ],
  experiment,
  use,
};
