/** `npm run bench`: Etude and its peers on the same workloads, in turns. */
import os from "node:os";
import { inBrowser, openLeague } from "./browser/league.ts";
import { contest, type Outcome } from "./contest.ts";
import { help, type Options, readOptions, UsageError } from "./options.ts";
import { type Entry, etude, type Participant, participate, peers, Unable } from "./participant.ts";
import { type Row, report } from "./report.ts";
import { workloads } from "./workloads/index.ts";

const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
const known = { workloads: ids(workloads), peers: ids(peers), inBrowser: ids(inBrowser.slice(1)) };

/** Those who could take part, Etude first, and where they do. */
interface League {
  readonly place: string;
  readonly candidates: readonly { readonly entry: Entry; start(): Promise<Participant> }[];
  close(): Promise<void> | void;
}

async function leagueOf({ browser, threads, peers: wanted }: Options): Promise<League> {
  const asked = ({ id }: Entry, i: number) => i === 0 || wanted.includes(id);
  if (!browser)
    return {
      place: `Node ${process.version}`,
      candidates: [etude, ...peers]
        .filter(asked)
        .map((entry) => ({ entry, start: () => participate(entry, threads) })),
      close: () => {},
    };
  const { version, openPage, close } = await openLeague();
  return {
    place: `Chromium ${version}`,
    candidates: inBrowser
      .filter(asked)
      .map((entry) => ({ entry, start: () => openPage(entry, threads) })),
    close,
  };
}

async function main(options: Options): Promise<void> {
  const [load] = os.loadavg(); // before the benchmark adds to it
  // With --json standard output holds nothing else.
  const say = (text: string) => {
    if (!options.json) console.log(text);
  };
  const league = await leagueOf(options);
  const entries = league.candidates.map(({ entry }) => entry);
  const present: Participant[] = [];
  const absent: string[] = [];
  for (const [place, { entry, start }] of league.candidates.entries()) {
    try {
      present.push(await start());
    } catch (error) {
      if (!(error instanceof Unable) || place === 0) throw error;
      absent.push(`${entry.title} is absent: ${error.message}`);
    }
  }
  const versions = present
    .filter(({ version }) => version !== "")
    .map(({ entry, version }) => `${entry.title} ${version}`);
  say(`${os.cpus()[0]?.model ?? os.arch()}, ${options.threads} thread(s), ${league.place}`);
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
  for (const participant of present) await participant.stop();
  await league.close();
  if (options.json) console.log(JSON.stringify(asJson(options, league, present, rows), null, 2));
}

function asJson(
  options: Options,
  { place, candidates }: League,
  present: readonly Participant[],
  rows: readonly Row[],
): object {
  const named = <T>(values: readonly T[]) =>
    Object.fromEntries(
      candidates.map(({ entry }, i) => [entry.id, values[i] ?? { kind: "absent" }]),
    );
  return {
    schema: 1,
    machine: {
      processor: os.cpus()[0]?.model ?? os.arch(),
      cores: os.availableParallelism(),
      platform: `${os.platform()} ${os.arch()}`,
      place,
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
  const options = readOptions(process.argv.slice(2), known);
  if (options === undefined) console.log(help(known));
  else await main(options);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Unable)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
