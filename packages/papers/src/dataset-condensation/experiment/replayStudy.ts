/** Classes learnt in turn, with a memory of a few images each. */
import type { RunContext } from "../../contract/context.ts";
import type { Running } from "../../contract/events.ts";
import { condensedStep } from "../condensedStep.ts";
import { drawImages, keepRows, type Labelled, rowsByClass } from "../labelled.ts";
import { drawClassOrder, evaluatorsFor, herded, replayWith, tasksOf } from "../replay.ts";
import { evaluationOf } from "./garments.ts";
import { factoryOf, materialOf, quarterWarm, type Source, settingsOf } from "./material.ts";
import type { Options } from "./options.ts";

export const memories = ["random", "herding", "DC", "DCC"] as const;
export type MemoryName = (typeof memories)[number];

/** Accuracy in per cent on the classes seen so far, after each task. */
export type ReplayScores = Readonly<Record<MemoryName, readonly number[]>>;

/** Units of progress. */
export const unitsOfReplay = ({ replaySteps }: Options): number => 2 * replaySteps;

export async function* measureReplay(
  options: Options,
  source: Source,
  context: RunContext,
  done: number,
  total: number,
): Running<ReplayScores | null> {
  const { seed, step } = context;
  const { replaySteps, replayNetworks, ipc } = options;
  if (replaySteps === 0) return null;
  // All classes: the garments of the main part are too few to come in turn.
  const { train, test } = materialOf(source, { ...options, classes: [] });
  const order = drawClassOrder(train.numClasses, replaySteps, seed);
  const [tasks, held] = [tasksOf(train, order), tasksOf(test, order)];
  const loops = quarterWarm({
    ipc,
    outerLoops: options.replayOuterLoops,
    innerLoops: options.innerLoops,
    netEpochs: options.netEpochs,
  });
  const factory = factoryOf(options);
  const net = factory(train.x.shape.slice(1), tasks[0].numClasses);

  const remembered: Record<MemoryName, Labelled[]> = { random: [], herding: [], DC: [], DCC: [] };
  for (const [place, task] of tasks.entries()) {
    const byClass = rowsByClass(task);
    remembered.random.push(keepRows(task, drawImages(byClass, ipc, seed)));
    remembered.herding.push(keepRows(task, herded(task, ipc)));
    for (const [i, method] of (["DC", "DCC"] as const).entries()) {
      const label = `task ${place + 1} of ${replaySteps}: ${method}`;
      const at = { label, done: done + 2 * place + i, total };
      const settings = settingsOf(options, loops, method, seed);
      const name = `replay ${place}/${method}`;
      const set = yield* condensedStep(name, task, net, settings, context, at);
      remembered[method].push({
        x: set.images,
        y: Int32Array.from(set.labels),
        numClasses: task.numClasses,
      });
    }
  }
  const evaluators = evaluatorsFor(factory, evaluationOf(options));
  const scores: Partial<Record<MemoryName, number[]>> = {};
  for (const name of memories)
    scores[name] = yield* step(`replay/${name}`, async () => {
      const memory = async (_: Labelled, place: number) => remembered[name][place];
      const shares = await replayWith(evaluators, tasks, memory, held, {
        networks: replayNetworks,
        seed,
      });
      return shares.map((share) => 100 * share);
    });
  return scores as ReplayScores;
}
