/** `etude submit`: an experiment into the queue, one job a seed and setting. */
import { UsageError } from "@etude/papers/errors";
import { choosePaper } from "../choosePaper.ts";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { parseGrid } from "../grid.ts";
import { presetNames } from "../presets.ts";
import { parseSeeds } from "../seeds.ts";
import { parseSettings } from "../settings.ts";
import { storeFlags, withStore } from "../store.ts";

export default command({
  name: "submit",
  describe: "Put an experiment into the queue: one job for each seed and setting",
  words: [
    {
      name: "paper",
      describe: "the name of a paper",
      required: true,
      completes: "runnable papers",
    },
  ],
  flags: {
    preset: {
      type: "text",
      choices: presetNames,
      describe: "How much to run",
      otherwise: "quick",
    },
    seeds: {
      type: "text",
      describe: "0..9, 0,1,2 or 5",
      otherwise: "those of the preset",
    },
    set: {
      type: "texts",
      describe: "Change an option of the preset: --set units=50; once for each option",
    },
    grid: {
      type: "texts",
      describe: "Try several values: --grid units=50,100; once for each option, each with each",
    },
    priority: { type: "number", describe: "-100 to 100, the greater the earlier", otherwise: "0" },
    minutes: { type: "number", describe: "Of an attempt at a job, at most", otherwise: "60" },
    memory: { type: "number", describe: "Megabytes of a job, at most", otherwise: "4096" },
    to: {
      type: "text",
      describe: "A site that takes jobs; ETUDE_TOKEN is the token it gave you",
      otherwise: "the store of this machine",
    },
    ...storeFlags,
    json: { type: "switch", describe: "The identifier and the number of jobs as JSON" },
  },
  examples: [
    ["submit gbnn --seeds 0..9", "ten jobs"],
    ["submit gbnn --grid units=50,100,200 --seeds 0..4", "fifteen jobs, three reports"],
    ["worker", "computes them; see also: etude jobs"],
  ],
  notes:
    "With DATABASE_URL any number of machines work on the queue. Without it the queue is in the data folder, which one process has at a time: submit before the worker or the site starts, or give --to the address of the running site.",
  async run({ words: [name], flags }, session) {
    const { terminal } = session;
    const paper = await choosePaper(await session.papers(), name);
    const { optionSchemas } = await import("../optionValues.ts");
    const schemas = optionSchemas(paper.experiment.options);
    const { minutes, memory, priority, seeds } = flags;
    const submission = {
      paper: paper.card.slug,
      preset: flags.preset ?? "quick",
      ...(seeds !== undefined && { seeds: parseSeeds(seeds) }),
      set: parseSettings(flags.set, schemas),
      grid: parseGrid(flags.grid, schemas),
    } as const;
    const terms = {
      ...(minutes !== undefined && { minutes }),
      ...(memory !== undefined && { megabytes: memory }),
      ...(priority !== undefined && { priority }),
    };
    const { openQueue, planSweep, submit } = await import("@etude/jobs");
    const plan = await planSweep(submission);
    const jobs = plan.settings.length * plan.seeds.length;
    const id =
      flags.to === undefined
        ? await withStore(flags, terminal.folder, async (store) => {
            const queue = await openQueue(store, { tend: false });
            try {
              return await submit(store, queue, plan, terms);
            } finally {
              await queue.close();
            }
          })
        : await post(flags.to, { ...submission, ...terms });
    if (flags.json) terminal.out(JSON.stringify({ id, jobs }));
    else {
      terminal.out(`sweep ${id}: ${jobs} ${jobs === 1 ? "job" : "jobs"}`);
      terminal.err(
        flags.to === undefined
          ? `computed by: etude worker; watched by: etude jobs ${id} --watch`
          : `watch it at ${new URL(`/runs/${id}`, flags.to)}`,
      );
    }
    return exit.done;
  },
});

/** Hands a submission to a site. */
async function post(to: string, submission: object): Promise<string> {
  const { requestSite } = await import("../requestSite.ts");
  const answer = await requestSite(to, "/api/v1/runs", submission);
  if (typeof answer.id !== "string") throw new UsageError(`--to ${to}: it does not take jobs`);
  return answer.id;
}
