/** The command line of the benchmark. */
import os from "node:os";
import { parseArgs } from "node:util";

export interface Options {
  readonly only: readonly string[];
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly roundMilliseconds: number;
  readonly threads: number;
  readonly json: boolean;
  readonly browser: boolean;
}

/** A mistake in the command line: one line for the person who made it. */
export class UsageError extends Error {}

const flags = {
  only: { type: "string" },
  peers: { type: "string" },
  rounds: { type: "string", default: "7" },
  "round-ms": { type: "string", default: "300" },
  threads: { type: "string", default: String(os.availableParallelism()) },
  json: { type: "boolean", default: false },
  browser: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export interface Known {
  readonly workloads: readonly string[];
  readonly peers: readonly string[];
  /** Peers of `--browser`. */
  readonly inBrowser: readonly string[];
}

export const help = ({ workloads, peers, inBrowser }: Known): string => `\
Etude beside other libraries: the same steps from the same numbers, in turns, in one run.

npm run bench -- [options]

  --only LIST       workloads, separated by commas: ${workloads.join(", ")}
  --peers LIST      whom to compare with: ${peers.join(", ")}, or "none"
  --browser         the same in headless Chromium; peers there: ${inBrowser.join(", ")}
  --rounds N        how often everybody has a turn (7); the table shows medians
  --round-ms N      how long a turn lasts, in milliseconds (300); at least one step
  --threads N       threads for everybody (${os.availableParallelism()}, the cores of this machine)
  --json            everything measured as JSON on standard output
  --help            this text

Examples
  npm run bench                                            all that is installed
  npm run bench -- --only mlp,cnn --peers torch            two rows, one peer
  npm run bench -- --rounds 3 --round-ms 100               a quick look
  npm run bench -- --browser --only mlp                    one row in a browser
  ETUDE_BENCH_PYTHON=venv/bin/python npm run bench         PyTorch and JAX from a virtual environment
  ETUDE_BENCH_PEERS=~/peers npm run bench                  JavaScript peers from that folder

bench/README.md says how to install the peers and how to read the table.
`;

/** Options from arguments, or undefined when help is asked for. */
export function readOptions(args: readonly string[], known: Known): Options | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const peers = values.browser ? known.inBrowser : known.peers;
  return {
    only: chosen("--only", values.only, known.workloads),
    peers: values.peers === "none" ? [] : chosen("--peers", values.peers, peers),
    rounds: positive("--rounds", values.rounds),
    roundMilliseconds: positive("--round-ms", values["round-ms"]),
    threads: positive("--threads", values.threads),
    json: values.json,
    browser: values.browser,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function chosen(flag: string, list: string | undefined, known: readonly string[]): string[] {
  if (list === undefined) return [...known];
  const names = list.split(",").map((name) => name.trim());
  const odd = names.find((name) => !known.includes(name));
  if (odd !== undefined)
    throw new UsageError(`${flag}: there is no "${odd}"; there is ${known.join(", ")}`);
  return known.filter((name) => names.includes(name));
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`${flag}: "${text}" is not a positive integer`);
  return value;
}
