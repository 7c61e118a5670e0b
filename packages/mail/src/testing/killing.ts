/** Kills processes that deliver, at moments drawn at random from a seed. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { lease } from "../outbox.ts";
import type { Task } from "./deliverer.ts";
import { morning } from "./readers.ts";
import type { TestServer } from "./smtpServer.ts";

const deliverer = fileURLToPath(new URL("./deliverer.ts", import.meta.url));
const moments = ["connect", "sender", "recipient", "data", "taken", "answered"] as const;
/** Compiled modules are kept: most of the time of this test is the starting of processes. */
const env = {
  ...process.env,
  NODE_COMPILE_CACHE: fileURLToPath(
    new URL("../../../../node_modules/.cache/etude-mail", import.meta.url),
  ),
};
type Moment = (typeof moments)[number];

/** Whole numbers below a bound, the same for the same seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A moment may not come again in a round; after so many of any kind it is time anyway. */
const patience = 25;

/** Strikes again and again, each time when some moment has come some number of times. */
function executioner(
  server: TestServer,
  draw: (below: number) => number,
  strike: (victims: ChildProcess[]) => number,
) {
  let victims: ChildProcess[] = [];
  let moment: Moment = "connect";
  let left = 0;
  let seen = 0;
  let kills = 0;
  const plan = () => {
    moment = moments[draw(moments.length)];
    left = 1 + draw(4);
    seen = 0;
  };
  const at = (now: Moment) => () => {
    seen += 1;
    if (now === moment) left -= 1;
    if (left > 0 && seen < patience) return;
    kills += strike(victims);
    plan();
  };
  server.stages = {
    connect: at("connect"),
    sender: at("sender"),
    recipient: at("recipient"),
    data: at("data"),
    taken() {
      at("taken")();
      // The answer goes out after this has returned; what the process does with it takes a moment.
      void wait(draw(6)).then(at("answered"));
    },
  };
  return {
    get kills() {
      return kills;
    },
    watch(children: readonly ChildProcess[]) {
      victims = [...children];
      plan();
    },
  };
}

/** A process that delivers at a time, and so many times again, each later than the leases of the one before. */
function startDeliverer(
  { url: smtp }: TestServer,
  where: Task["where"],
  time: number,
  runs: number,
  stdio: StdioOptions = "inherit",
): ChildProcess {
  const times = Array.from({ length: runs }, (_, run) =>
    new Date(time + run * lease).toISOString(),
  );
  const task: Task = { where, smtp, times };
  return spawn(process.execPath, [deliverer, JSON.stringify(task)], { stdio, env });
}

/**
 * Starts processes, and crashes their database while they deliver, again and again; whether they survive it or not,
 * one that finishes comes after them.
 */
export async function crashAndFinish(
  server: TestServer,
  url: string,
  { crash, crashes, seed }: { crash: () => Promise<void>; crashes: number; seed: number },
): Promise<void> {
  let crashing: Promise<void> = Promise.resolve();
  const axe = executioner(server, numbers(seed), (victims) => {
    if (victims.shift() === undefined) return 0;
    crashing = crash();
    return 1;
  });
  let time = morning.getTime();
  while (axe.kills < crashes) {
    time += lease;
    // What it says of its lost database is not this test's.
    const child = startDeliverer(server, { url }, time, 1, "ignore");
    axe.watch([child]);
    await once(child, "exit");
    await crashing;
  }
  axe.watch([]);
  const last = startDeliverer(server, { url }, time + lease, 2);
  const [code] = await once(last, "exit");
  if (code !== 0) throw new Error(`the last process ended with ${code}`);
}

/**
 * Starts processes and kills them, some at a time, until `kills` have died; then lets one finish, which
 * comes back for what it has found. Each start is later than the leases of the claims before it.
 */
export async function killAndFinish(
  server: TestServer,
  where: Task["where"],
  { kills, together, seed }: { kills: number; together: number; seed: number },
): Promise<void> {
  const kill = (victims: ChildProcess[]) => (victims.shift()?.kill("SIGKILL") ? 1 : 0);
  const axe = executioner(server, numbers(seed), kill);
  let time = morning.getTime();
  const start = (runs: number) => startDeliverer(server, where, time, runs);
  while (axe.kills < kills) {
    time += lease;
    const children = Array.from({ length: together }, () => start(1));
    axe.watch(children);
    const ends = await Promise.all(children.map((child) => once(child, "exit")));
    if (ends.some(([, signal]) => signal !== "SIGKILL")) {
      throw new Error("the work was done before there were enough deaths");
    }
  }
  time += lease;
  axe.watch([]);
  const [code] = await once(start(2), "exit");
  if (code !== 0) throw new Error(`the last process ended with ${code}`);
}
