/**
 * The inner loop of O-DICE beside PyTorch: 200 training steps on the logged shortcut - three backward
 * passes, projection, Adam, target network, policy - with V and policy of 64-64-64 units and batches
 * of 256. Both sides get the same parameters and minibatches and take turns; medians over the rounds.
 *
 *   ETUDE_BENCH_PYTHON=~/peers/bin/python node bench/papers/odice.ts [--rounds 9] [--threads 2]
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeNpz } from "@etude/data";
import {
  array,
  jit,
  type NDArray,
  random,
  setThreads,
  type Tensor,
  treeFlatten,
} from "@etude/tensor";
import { shortcutGrid } from "../../packages/papers/src/environments/index.ts";
import { learningDefaults, type OdiceConfig } from "../../packages/papers/src/odice/config.ts";
import { gridLog } from "../../packages/papers/src/odice/gridData.ts";
import {
  initialState,
  type OdiceState,
  odiceStepsOn,
  type TransitionTensors,
} from "../../packages/papers/src/odice/training.ts";
import { networksFor } from "../../packages/papers/src/odice/trainOdice.ts";
import { compared, inTurns, startPaperPeer } from "../paperPeer.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "9" }, threads: { type: "string", default: "2" } },
});
const rounds = Number(values.rounds);
setThreads(Number(values.threads));

const steps = 200;
const config: OdiceConfig = {
  ...learningDefaults,
  valueRate: 1e-3,
  policyRate: 1e-3,
  policyDecay: 0,
  targetRate: 0.05,
  valueHidden: [64, 64],
  policyHidden: [64, 64],
  normalise: false,
  twin: false,
};
const transitions = gridLog(shortcutGrid, 0, { episodes: 150 });
const { observation, action, reward, nextObservation, terminal } = transitions;
const data = { observation, action, reward, nextObservation, terminal };
const networks = networksFor(transitions, config, 4);
const state = await jit((key: Tensor) => initialState(networks, config, key))(random.key(1));
const draws = random.generator(2);
const rows = array(
  Int32Array.from({ length: steps * config.batchSize }, () => draws.integer(reward.size)),
  { shape: [steps, config.batchSize], dtype: "int32" },
);
const loop = jit((state: OdiceState, data: TransitionTensors, rows: Tensor) =>
  odiceStepsOn(networks, config, state, data, rows),
);
/** The values of V of the first cells after the steps: what both sides are compared by. */
const valuesAfter = jit((state: OdiceState, seen: Tensor) =>
  networks.value.apply(state.value, seen),
);
const mine = async (count = steps): Promise<OdiceState> => {
  const some = array(rows.data.slice(0, count * config.batchSize) as Int32Array, {
    shape: [count, config.batchSize],
    dtype: "int32",
  });
  return (await loop(state, data, some))[0] as unknown as OdiceState;
};

const folder = await mkdtemp(path.join(tmpdir(), "etude-bench-"));
const file = path.join(folder, "inputs.npz");
const named = (name: string, tree: unknown): Record<string, NDArray> => {
  const [leaves, { paths }] = treeFlatten(tree);
  const nameOf = (path: string) => (path.startsWith("[") ? `${name}${path}` : `${name}.${path}`);
  return Object.fromEntries(leaves.map((leaf, i) => [nameOf(paths[i]), leaf as NDArray]));
};
await writeFile(
  file,
  writeNpz({ ...data, rows, ...named("value", state.value), ...named("policy", state.policy) }),
);
const peer = startPaperPeer("odice", [file, values.threads]);

// Adam's quotients make roundings grow: the first steps are compared.
const few = 10;
const seen = await valuesAfter((await mine(few)) as never, observation);
const theirs = (await peer.ask(String(few))).result;
const apart = Math.max(...theirs.map((value, i) => Math.abs(value - Number(seen.data[i]))));
if (!(apart < 1e-3)) throw new Error(`values differ by ${apart}`);

await mine();
await peer.ask(String(steps));
const times = await inTurns(
  rounds,
  () => mine(),
  () => peer.ask(String(steps)),
);
peer.end();
await rm(folder, { recursive: true });
process.stdout.write(`odice  ${compared(`${steps} steps`, times)}\n`);
