import type { SpectrumResult } from "./eigenvalues.ts";
import type { LearnerResult } from "./learner.ts";
import type { SweepResult } from "./sweep.ts";

/** What one seed measured. */
export interface Result {
  readonly sweep: readonly SweepResult[];
  /** Of images as they are. */
  readonly spectrum: SpectrumResult;
  /** The Hessian of the same network trained on centred images, whose top eigenvalues are closer together. */
  readonly centredSpectrum: SpectrumResult;
  readonly learner: readonly LearnerResult[];
}
