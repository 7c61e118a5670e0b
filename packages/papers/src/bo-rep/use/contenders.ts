/** The methods that are compared on the user's rows. */
import {
  type BilevelMethod,
  boRepMethod,
  maSobaMethod,
  sobaMethod,
  stocBioMethod,
  ttsaMethod,
} from "../bilevel/index.ts";
import type { UseOptions } from "./options.ts";

export interface Contender {
  readonly method: BilevelMethod;
  readonly refined: boolean;
  readonly name: string;
  readonly rates: readonly number[];
}

/** @param given rates to choose from where the user gives none */
export function contendersOf(
  options: UseOptions,
  given: { readonly stepSizes: readonly number[]; readonly baselineRates: readonly number[] },
): Contender[] {
  const { period, lowerSteps, ballRadius, ablations, baselines } = options;
  const own = options.stepSizes ?? given.stepSizes;
  const rates = options.baselineRates ?? given.baselineRates;
  const boRep = (name: string, changes: object, refined = true, its = own): Contender => ({
    name,
    refined,
    rates: its,
    method: boRepMethod({ period, lowerSteps, ballRadius, name, ...changes }),
  });
  const methods = {
    SOBA: sobaMethod(),
    "MA-SOBA": maSobaMethod(),
    StocBiO: stocBioMethod({ lowerSteps }),
    TTSA: ttsaMethod(),
  };
  return [
    boRep("BO-REP", {}),
    ...(ablations
      ? [
          boRep("BO-REP, no refinement", {}, false),
          boRep("BO-REP, I = 1", { period: 1 }),
          boRep("BO-REP, not normalised", { normalise: false }, true, rates),
        ]
      : []),
    ...baselines.map((name) => ({ name, refined: true, rates, method: methods[name] })),
  ];
}
