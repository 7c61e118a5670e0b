/** What can be set in the experiment. */
import { z } from "zod";

const whole = z.int().min(1);

export const optionsSchema = z.object({
  episodes: whole.describe("Episodes of the log"),
  steps: whole.describe("Training steps of every method"),
  batchSize: whole.describe("Transitions of a minibatch"),
  lambda: z.number().gt(0).lt(1).describe("Optimism: near 1 optimistic, near 0 imitating"),
  eta: z.number().min(0).describe("Weight of the backward gradient"),
  furtherEtas: z
    .array(z.number().min(0))
    .describe("Other weights for which the orthogonal rule runs too"),
  gamma: z.number().min(0).lt(1).describe("Discount"),
  rate: z.number().positive().describe("Adam's rate, of value and policy"),
  targetRate: z.number().gt(0).max(1).describe("Share of V that enters the target network a step"),
  hidden: z.array(whole).describe("Widths of the hidden layers"),
  twin: z.boolean().describe("Two value networks, the smaller one as target"),
  slipEpisodes: whole.describe("Episodes of the test with slips"),
  slips: z.number().min(0).max(1).describe("Probability of a random action in that test"),
  conjugateWeights: z
    .boolean()
    .describe("Whether semi and orthogonal also run with conjugate instead of relu weights"),
  regimes: z
    .array(z.enum(["coordinates", "one-hot", "open"]))
    .describe(
      "Where the effect is not expected: cells shown as (x, y), as one-hot x and y, or a grid without a void",
    ),
  imitationSteps: z
    .int()
    .min(0)
    .describe("Steps of imitating the logged pendulum expert; 0 leaves it out"),
});
export type Options = z.infer<typeof optionsSchema>;
