/**
 * `node packages/jobs/bench/scaling.ts [--paper gbnn] [--preset smoke] [--jobs 12] [--workers 2]`: how much faster
 * several workers are than one, each with one thread, at jobs of a paper, on a server of its own; and how many cores
 * all processes of the machine kept busy meanwhile, which bounds it.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type PresetName, presetNames } from "@etude/papers";
import { findServer, serverDatabases } from "../../store/src/testing/serverDatabases.ts";
import { undergo } from "../src/testing/killing.ts";

const { values } = parseArgs({
  options: {
    paper: { type: "string", default: "gbnn" },
    preset: { type: "string", default: "smoke" },
    jobs: { type: "string", default: "12" },
    workers: { type: "string", default: "2" },
  },
});
const installed = findServer();
if (installed === undefined) throw new Error("no PostgreSQL is installed");
const preset = presetNames.find((name): name is PresetName => name === values.preset);
if (preset === undefined) throw new Error(`--preset ${values.preset}: ${presetNames.join(", ")}`);
const submission = {
  paper: values.paper,
  preset,
  seeds: Array.from({ length: Number(values.jobs) }, (_, seed) => seed),
};
/** Seconds that the cores were busy since the machine started, all together. */
const busy = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) /
  1000;

const databases = await serverDatabases(installed);
try {
  const seconds = async (workers: number): Promise<number> => {
    const url = await databases.create();
    const before = busy();
    const { seconds } = await undergo({ submission, url, workers });
    const cores = (busy() - before) / seconds;
    console.log(`${workers} at work: ${seconds.toFixed(1)} s, ${cores.toFixed(2)} cores busy`);
    return seconds;
  };
  const alone = await seconds(1);
  const together = await seconds(Number(values.workers));
  console.log(`one worker takes ${(alone / together).toFixed(2)} times as long`);
} finally {
  await databases.stop();
}
