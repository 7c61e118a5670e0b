/** A paper one can run. */
import type { PaperCard } from "../cards/card.ts";
import type { AnyExperiment } from "./experiment.ts";
import type { AnyUse } from "./use.ts";

export interface Paper {
  readonly card: PaperCard;
  /** Files of the folder that hold the method itself, in the order to read them. */
  readonly method: readonly string[];
  readonly experiment: AnyExperiment;
  readonly use: AnyUse;
}
