/** Policy and value as ONNX files that take states as the log has them. */
import { array, exportOnnx, lift, type Tensor, zeros } from "@etude/tensor";
import { stateValue } from "../networks.ts";
import { halfRange, type PreparedLog } from "./log.ts";
import type { TrainedOnLog } from "./train.ts";

const metadataOf = (log: PreparedLog, { config }: TrainedOnLog): Record<string, string> => ({
  "etude.paper": "odice",
  "etude.observation": JSON.stringify(log.observations),
  "etude.actions": JSON.stringify(log.actions),
  "etude.settings": JSON.stringify(config),
});

const standardiser =
  ({ standardisation: { mean, scale } }: PreparedLog) =>
  (observation: Tensor): Tensor =>
    observation.sub(lift(mean)).div(lift(scale));

/**
 * `observation` float32 [n, d], the columns of the state in their order, to `action`: float32 [n, k]
 * within the logged range, or int32 [n], the place among the action names in the metadata, with their
 * `probabilities` [n, actions].
 */
export function exportPolicy(log: PreparedLog, trained: TrainedOnLog): Uint8Array {
  const { networks, policy } = trained;
  const standardise = standardiser(log);
  const { actions } = log;
  const params = policy as never;
  const decide = (observation: Tensor): Tensor[] => {
    const x = standardise(observation);
    const action = networks.policy.act(params, x);
    if (actions.kind === "discrete") return [action, networks.policy.outputs(params, x)];
    const middle = actions.low.map((low, j) => (low + actions.high[j]) / 2);
    const half = actions.low.map((low, j) => halfRange(low, actions.high[j]));
    return [action.mul(floats(half)).add(floats(middle))];
  };
  return exportOnnx(decide, [zeros([2, log.observations.length])], {
    inputNames: ["observation"],
    outputNames: actions.kind === "discrete" ? ["action", "probabilities"] : ["action"],
    dynamicBatch: true,
    parameters: { policy, standardisation: log.standardisation },
    metadata: metadataOf(log, trained),
  });
}

/** `observation` float32 [n, d] to `value` float32 [n], in the units of the log's rewards. */
export function exportValue(log: PreparedLog, trained: TrainedOnLog): Uint8Array {
  const { networks, value } = trained;
  const standardise = standardiser(log);
  return exportOnnx(
    (observation: Tensor) =>
      stateValue(networks.value, value as never, standardise(observation)).div(log.rewardScale),
    [zeros([2, log.observations.length])],
    {
      inputNames: ["observation"],
      outputNames: ["value"],
      dynamicBatch: true,
      parameters: { value, standardisation: log.standardisation },
      metadata: metadataOf(log, trained),
    },
  );
}

const floats = (values: readonly number[]): Tensor => lift(array(Float32Array.from(values)));
