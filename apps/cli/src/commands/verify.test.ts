import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reportSchema, reproducible, type VerifyReport } from "@etude/papers";
import { describe, expect, it } from "vitest";
import { runHere, runProcess, start, temporaryFolder } from "../testing/runs.ts";

const reportIn = (folder: string): VerifyReport => {
  const text = readFileSync(path.join(folder, "report.json"), "utf8");
  return reportSchema.parse(JSON.parse(text)) as VerifyReport;
};
const same = (report: VerifyReport): string => JSON.stringify(reproducible(report));

describe("verify", () => {
  it("shows tables, figures, findings and verdicts, and writes the report", async () => {
    const folder = temporaryFolder();
    const args = ["verify", "data-diet", "--preset", "smoke"];
    const { status, out, err } = await runHere(args, { folder });
    expect(status).toBe(0);
    for (const part of ["Sums over seeds", "The first sum is 30.400.", "✓ holds", "≥ 1"]) {
      expect(out).toContain(part);
    }
    expect(err).toContain("verify data-diet: smoke preset, about 6 s on two cores, seeds 0,1");
    const run = path.join(folder, "out", "data-diet-smoke");
    expect(reportIn(run).claims[0].verdict).toBe("holds");
    expect(readFileSync(path.join(run, "report.html"), "utf8")).toMatch(/^<!doctype html>/);
    expect(JSON.parse(readFileSync(path.join(run, "run.json"), "utf8")).finished).not.toBeNull();
    expect(readdirSync(run).sort()).toEqual(["report.html", "report.json", "run.json", "steps"]);
  });

  it("says by its status that a claim does not hold", async () => {
    const args = ["verify", "data-diet", "--preset", "smoke", "--set", "bar=1e9", "--quiet"];
    const { status, out, err } = await runHere(args);
    expect(status).toBe(1);
    expect(out).toContain("does not hold here");
    expect(out).not.toContain("Sums over seeds");
    expect(err).toBe("");
  });

  it("gives the report alone to a program, and events to another", async () => {
    const args = ["verify", "data-diet", "--preset", "smoke", "--json", "--events"];
    const { out, err } = await runHere([...args, "--seeds", "3..4", "--set", "rates=1,2"]);
    const report = reportSchema.parse(JSON.parse(out));
    expect(report).toMatchObject({ seeds: [3, 4], changed: true, options: { rates: [1, 2] } });
    const events = err.split("\n").map((line) => JSON.parse(line));
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["progress", "metric"]));
  });

  it("shows a mistake in a paper's code as an internal error, with its trace", async () => {
    const args = ["verify", "data-diet", "--preset", "smoke", "--set", "broken=true"];
    const { status, err } = await runHere(args);
    expect(status).toBe(3);
    expect(err).toContain("an error of Etude itself");
    expect(err).toMatch(/TypeError: cannot read what is not there\n\s+at .*arithmetic\.ts/);
  });
});

describe("a run that is killed", () => {
  it("and resumed, again and again, ends with the same report and does no step twice", async () => {
    const folder = temporaryFolder();
    const log = path.join(folder, "log");
    const args = ["verify", "data-diet", "--preset", "smoke", "--set", "pause=15", "--json"];
    await runHere([...args, "--out", "whole"], { folder });
    const killed = [...args, "--out", "killed", "--resume", "--quiet"];
    const options = { folder, environment: { ETUDE_TEST_LOG: log } };
    // While starting, after the first piece, in the middle of steps and of the training.
    const moments = [0, 1, 4, 3, 5];
    for (const pieces of moments) {
      expect((await runUntil(killed, options, pieces)).status).toBeNull();
    }
    const last = await runProcess(killed, options);
    expect(last.status).toBe(0);
    const report = reportIn(path.join(folder, "killed"));
    expect(same(report)).toBe(same(reportIn(path.join(folder, "whole"))));
    expect(reproducible(JSON.parse(last.out))).toEqual(reproducible(report));
    // A piece is begun again only if a kill came between its end and its storing.
    const lines = readFileSync(log, "utf8").trim().split("\n");
    const pieces = 2 * (4 + 4);
    expect(new Set(lines).size).toBe(pieces);
    expect(lines.length).toBeLessThanOrEqual(pieces + moments.length);
    expect(readdirSync(path.join(folder, "killed")).sort()).toEqual(
      readdirSync(path.join(folder, "whole")).sort(),
    );
  });
});

describe("seeds side by side", () => {
  const args = ["verify", "data-diet", "--preset", "smoke", "--seeds", "0..2", "--threads", "1"];

  it("give the report that they give one after the other", async () => {
    const folder = temporaryFolder();
    const options = { folder, entry: "registered" } as const;
    const alone = await runProcess([...args, "--parallel", "1", "--out", "alone"], options);
    const three = [...args, "--parallel", "3", "--out", "three"];
    const { status, err } = await runProcess([...three, "--events"], options);
    expect([alone.status, status]).toEqual([0, 0]);
    const report = reportIn(path.join(folder, "three"));
    expect(same(report)).toBe(same(reportIn(path.join(folder, "alone"))));
    expect(report.environment.device).toBe("cpu, 1 thread, 3 seeds at a time");
    const events = err.split("\n").filter(Boolean);
    const told = events.map((line) => JSON.parse(line)).filter(({ type }) => type === "metric");
    const names = ["seed 0: sum", "seed 1: sum", "seed 2: sum"];
    expect(new Set(told.map(({ name }) => name))).toEqual(new Set(names));
  });

  it("are gone on with after a kill, as many at a time as is asked for", async () => {
    const folder = temporaryFolder();
    const log = path.join(folder, "log");
    const slow = [...args, "--set", "pause=15", "--out", "killed", "--resume", "--quiet"];
    const environment = { ETUDE_TEST_LOG: log };
    const options = { folder, entry: "registered", environment } as const;
    for (const [moment, atOnce] of [4, 7, 9].entries())
      expect(
        (await runUntil([...slow, "--parallel", `${3 - (moment % 2)}`], options, atOnce)).status,
      ).toBeNull();
    const last = await runProcess(slow, options);
    expect(last).toMatchObject({ status: 0, err: "" });
    await runHere([...args, "--set", "pause=15", "--out", "whole"], { folder });
    expect(same(reportIn(path.join(folder, "killed")))).toBe(
      same(reportIn(path.join(folder, "whole"))),
    );
  });

  it("say so when the system ends one of them, and how to go on", async () => {
    const folder = temporaryFolder();
    const slow = [...args, "--parallel", "3", "--set", "pause=200"];
    const { child, ended } = start(slow, { folder, entry: "registered" });
    await seen(path.join(folder, "out/data-diet-smoke/steps"), 2);
    const [one] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
    process.kill(Number(one), "SIGKILL");
    const { status, err } = await ended;
    expect(status).toBe(2);
    expect(err).toMatch(
      /seed \d: its process ended with SIGKILL; .*--parallel; to go on: etude verify/,
    );
  });

  it("end all when one fails, with its trace", async () => {
    const broken = [...args, "--parallel", "3", "--set", "broken=true"];
    const { status, err } = await runProcess(broken, {
      folder: temporaryFolder(),
      entry: "registered",
    });
    expect(status).toBe(3);
    expect(err).toMatch(/TypeError: cannot read what is not there\n\s+at .*arithmetic\.ts/);
  });

  it("stop at Ctrl-C, which a terminal sends to all of them", async () => {
    const folder = temporaryFolder();
    const slow = [...args, "--parallel", "3", "--set", "pause=100"];
    const { child, ended } = start(slow, { folder, entry: "registered", group: true });
    await seen(path.join(folder, "out/data-diet-smoke/steps"), 2);
    process.kill(-(child.pid ?? 0), "SIGINT");
    const { status, err } = await ended;
    expect(status).toBe(130);
    expect(err).toContain("--resume");
    expect(err).not.toContain("ended with");
  });

  it("are refused where another process would not find the paper", async () => {
    const { status, err } = await runHere([...args, "--parallel", "2"]);
    expect(status).toBe(2);
    expect(err).toContain("--parallel");
    expect((await runHere([...args, "--parallel", "0"])).err).toContain("from 1 to 256");
  });
});

/** Runs a command line and kills it by force when it has done so many pieces of work. */
async function runUntil(
  args: readonly string[],
  options: Parameters<typeof start>[1] & { environment: { ETUDE_TEST_LOG: string } },
  pieces: number,
) {
  const log = options.environment.ETUDE_TEST_LOG;
  const done = () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0);
  const until = done() + pieces;
  const { child, ended } = start(args, options);
  if (pieces === 0) await sleep(150);
  while (child.exitCode === null && done() < until) await sleep(3);
  child.kill("SIGKILL");
  return ended;
}

describe("Ctrl-C", () => {
  const args = ["verify", "data-diet", "--preset", "smoke", "--set", "pause=60"];

  it("stops between two pieces of work and says how to go on, which works", async () => {
    const folder = temporaryFolder();
    const { child, ended } = start(args, { folder });
    await seen(path.join(folder, "out/data-diet-smoke/steps"), 2);
    child.kill("SIGINT");
    const { status, out, err } = await ended;
    expect(status).toBe(130);
    expect(out).toBe("");
    expect(err).toContain("stopping after the present piece of work");
    const advice = /to go on: etude (.*)/.exec(err)?.[1] ?? "";
    expect(advice).toBe(`${args.join(" ")} --resume`);
    expect(existsSync(path.join(folder, "out/data-diet-smoke/lock"))).toBe(false);
    const resumed = await runProcess(advice.split(" "), { folder });
    expect(resumed.status).toBe(0);
    expect(resumed.err).toMatch(/\d+ steps are kept from before/);
  });

  it("a second time ends at once, and the folder is free", async () => {
    const folder = temporaryFolder();
    const slow = args.with(-1, "pause=30000");
    const { child, ended } = start(slow, { folder });
    await seen(path.join(folder, "out/data-diet-smoke/steps"), 0);
    await sleep(300);
    child.kill("SIGINT");
    await sleep(100);
    child.kill("SIGINT");
    const { status } = await ended;
    expect(status).toBe(130);
    expect(existsSync(path.join(folder, "out/data-diet-smoke/lock"))).toBe(false);
  });

  it("keeps a second process out of the folder meanwhile", async () => {
    const folder = temporaryFolder();
    const { child, ended } = start(args, { folder });
    await seen(path.join(folder, "out/data-diet-smoke/steps"), 1);
    const second = await runHere([...args, "--resume"], { folder });
    child.kill("SIGKILL");
    await ended;
    expect(second.status).toBe(2);
    expect(second.err).toContain(`in use by process ${child.pid}; wait for it`);
  });
});

/** Waits until a folder is there and holds so many files. */
async function seen(folder: string, files: number): Promise<void> {
  while (!existsSync(folder) || readdirSync(folder).length < files) await sleep(5);
}
