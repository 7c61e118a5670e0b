/** A policy from the user's log of transitions, and what the method thinks of that log. */
import type { RunContext } from "../contract/context.ts";
import { UsageError } from "../contract/errors.ts";
import { progress, type Running } from "../contract/events.ts";
import { inputOf, type Use, type UseResult, type UserInput } from "../contract/use.ts";
import { densityRatio, residualsOf } from "./inspect.ts";
import { columnsOfArrays, columnsOfTable, type LogColumns } from "./use/columns.ts";
import { doubtfulStates } from "./use/doubtful.ts";
import { prepareLog } from "./use/log.ts";
import { optionsSchema, type UseOptions } from "./use/options.ts";
import { reportOn } from "./use/report.ts";
import { configFor, trainOnLog } from "./use/train.ts";

export const use: Use<UseOptions> = {
  description:
    "Learns a policy from logged transitions, without a simulator, or imitates the log; writes policy and value as ONNX, how much each logged action counts, and which next states have a value that the log does not support.",
  options: optionsSchema,
  inputs: {
    data: {
      accepts: ["table", "arrays"],
      required: true,
      describe: "transitions in the order of time: state, action, reward, next state, ends",
    },
  },
  examples: [
    "--data heating.csv --observations indoor,outdoor,hour --actions valve --reward comfort",
    "--data cart.npz --environment cart-pole --lambda 0.4",
    "--data expert.csv --task imitate --steps 5000",
  ],
  run,
};

async function* run(
  options: UseOptions,
  inputs: Readonly<Record<string, UserInput>>,
  context: RunContext,
): Running<UseResult> {
  const log = prepareLog(logOf(inputs), options);
  const { gamma, f, weights, maxWeight } = configFor(options);
  const trained = yield* trainOnLog(log, options, context);
  yield progress(1, 1, "looking at the log");
  const residuals = await residualsOf(trained, log.data, gamma);
  const ratios = await densityRatio(trained, log.data, { gamma, f, weights, maxWeight });
  const doubtful = doubtfulStates(
    residuals,
    { terminal: log.data.terminal, reward: log.data.reward, goesOn: log.goesOn },
    options.fence,
  );
  const inspected = { residuals, ratios: Float32Array.from(ratios.data, Number), doubtful };
  return reportOn(log, trained, inspected, options);
}

function logOf(inputs: Readonly<Record<string, UserInput>>): LogColumns {
  const data = inputs.data as UserInput | undefined;
  if (data?.kind === "arrays") return columnsOfArrays(data.arrays, data.file);
  const table = inputOf(inputs, "data", "table");
  if (table === undefined) throw new UsageError("--data is missing: give a log of transitions");
  return columnsOfTable(table.table);
}
