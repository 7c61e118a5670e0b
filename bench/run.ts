/** `npm run bench`: Etude and its peers on the same workloads, in turns. */
import os from "node:os";
import { contest, type Outcome } from "./contest.ts";
import { help, type Options, readOptions, UsageError } from "./options.ts";
import { etude, type Participant, participate, peers, Unable } from "./participant.ts";
import { type Row, report } from "./report.ts";
import { workloads } from "./workloads/index.ts";

const workloadIds = workloads.map(({ id }) => id);
const peerIds = peers.map(({ id }) => id);

async function main(options: Options): Promise<void> {
  const [load] = os.loadavg(); // before the benchmark adds to it
  // With --json standard output holds nothing else.
  const say = (text: string) => {
    if (!options.json) console.log(text);
  };
  const entries = [etude, ...peers.filter(({ id }) => options.peers.includes(id))];
  const present: Participant[] = [];
  const absent: string[] = [];
  for (const entry of entries) {
    try {
      present.push(await participate(entry, options.threads));
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      if (entry === etude) throw error;
      absent.push(`${entry.title} is absent: ${error.message}`);
    }
  }
  const versions = present
    .filter(({ version }) => version !== "")
    .map(({ entry, version }) => `${entry.title} ${version}`);
  say(`${os.cpus()[0]?.model ?? os.arch()}, ${options.threads} thread(s), Node ${process.version}`);
  if (versions.length > 0) say(versions.join(", "));
  for (const line of absent) say(line);
  if (load > options.threads / 2)
    say(`The machine is busy with other work (load ${load.toFixed(1)}): do not trust these times.`);
  say("");

  const table = report(entries);
  say(table.header());
  const rows: Row[] = [];
  for (const workload of workloads.filter(({ id }) => options.only.includes(id))) {
    const measured = await contest(workload, present, options);
    const byEntry = new Map(present.map(({ entry }, i) => [entry, measured[i]]));
    const row = { workload, outcomes: entries.map((entry) => byEntry.get(entry)) };
    rows.push(row);
    say(table.row(row));
  }
  say(table.footer(rows));
  for (const participant of present) participant.stop();
  if (options.json) console.log(JSON.stringify(asJson(options, present, rows, entries), null, 2));
}

function asJson(
  options: Options,
  present: readonly Participant[],
  rows: readonly Row[],
  entries: readonly { readonly id: string }[],
): object {
  const named = <T>(values: readonly T[]) =>
    Object.fromEntries(entries.map(({ id }, i) => [id, values[i] ?? { kind: "absent" }]));
  return {
    schema: 1,
    machine: {
      processor: os.cpus()[0]?.model ?? os.arch(),
      cores: os.availableParallelism(),
      platform: `${os.platform()} ${os.arch()}`,
      node: process.version,
    },
    threads: options.threads,
    rounds: options.rounds,
    versions: Object.fromEntries(present.map(({ entry, version }) => [entry.id, version])),
    workloads: rows.map(({ workload, outcomes }) => ({
      id: workload.id,
      title: workload.title,
      results: named(outcomes.map((outcome) => withRatio(outcome, outcomes[0]))),
    })),
  };
}

function withRatio(outcome: Outcome | undefined, base: Outcome | undefined): object | undefined {
  if (outcome?.kind !== "measured" || base?.kind !== "measured") return outcome;
  return { ...outcome, ratio: outcome.milliseconds / base.milliseconds };
}

try {
  const options = readOptions(process.argv.slice(2), workloadIds, peerIds);
  if (options === undefined) console.log(help(workloadIds, peerIds));
  else await main(options);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Unable)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
