/** What can be set when the method is used on a log. */
import { z } from "zod";
import { gradientRules } from "../valueGradient.ts";

const names = z.array(z.string()).default([]);
const name = z.string().optional();

export const optionsSchema = z.object({
  observations: names.describe(
    "columns of the state; by default those of which there is a next_... column, else all numbers without another part",
  ),
  actions: names.describe("columns of the action; by default action, action_0, action_1, ..."),
  nextObservations: names.describe(
    "columns of the next state; by default next_...; without them it is the state of the next row",
  ),
  reward: name.describe("column of the reward; by default reward"),
  terminal: name.describe(
    "column that is 1 where the task itself ended; by default terminal, terminated or done",
  ),
  timeout: name.describe(
    "column that is 1 where the record was cut; by default timeout or truncated",
  ),
  episode: name.describe("column that changes where another episode begins; by default episode"),
  actionKind: z
    .enum(["auto", "discrete", "continuous"])
    .default("auto")
    .describe("a choice, or numbers; by default a choice where one column has few whole numbers"),
  task: z
    .enum(["learn", "imitate"])
    .default("learn")
    .describe("learn from rewards, or imitate the log and ignore them"),
  rule: z.enum(gradientRules).default("orthogonal").describe("how V is updated"),
  lambda: z
    .number()
    .optional()
    .describe("optimism, between 0 and 1: 0.6, or 0.4 to imitate; smaller stays nearer to the log"),
  eta: z.number().default(1).describe("weight of the backward gradient: caution about states"),
  gamma: z.number().default(0.99).describe("discount of the future, a step"),
  f: z.enum(["pearson", "reverse-kl"]).default("pearson").describe("divergence from the log"),
  weights: z
    .enum(["relu", "conjugate"])
    .default("conjugate")
    .describe(
      "how much a logged action counts: conjugate lets worse ones count less, relu leaves them out, and all of them where the log is nearly optimal",
    ),
  steps: z.int().min(1).default(10_000).describe("training steps"),
  batchSize: z.int().min(1).default(256).describe("transitions of a step"),
  rate: z.number().gt(0).default(3e-4).describe("Adam's rate, of value and policy"),
  hidden: z.array(z.int().min(1)).default([256, 256]).describe("widths of the hidden layers"),
  twin: z.boolean().default(true).describe("two value networks, the smaller one as target"),
  rewardScale: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "factor of the rewards; by default the longest episode over the range of returns, and rewards of 1 on average at most",
    ),
  goalRewards: z
    .boolean()
    .default(false)
    .describe("for tasks that pay at the goal only: a reward of 0 becomes -3, all others 0"),
  standardise: z.boolean().default(true).describe("bring states to mean 0 and deviation 1"),
  scaleActions: z
    .boolean()
    .default(true)
    .describe("bring continuous actions from their logged range to [-1, 1] and back"),
  fence: z
    .number()
    .gt(0)
    .default(3)
    .describe("how many quartile ranges beyond the quartiles a value counts as far outside"),
  environment: z
    .enum(["none", "cart-pole", "pendulum"])
    .default("none")
    .describe("where to run the policy, beside behaviour cloning"),
  episodes: z.int().min(1).default(20).describe("episodes of such a run"),
});

export type UseOptions = z.infer<typeof optionsSchema>;
