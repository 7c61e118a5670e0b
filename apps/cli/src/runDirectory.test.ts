import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { differ, openRunDirectory, type RecordedPlan } from "./runDirectory.ts";
import { fileOf } from "./stepFiles.ts";
import { temporaryFolder } from "./testing/runs.ts";

const plan: RecordedPlan = {
  paper: "gbnn",
  preset: "quick",
  seeds: [0, 1],
  options: { units: 50, rates: [0.1] },
  etude: "1.0.0",
  device: "cpu",
  threads: null,
  parallel: 1,
};
const bytes = (text: string) => new TextEncoder().encode(text);

/** A folder with one finished step. */
async function begun(): Promise<string> {
  const folder = temporaryFolder();
  const directory = await openRunDirectory({ folder }, plan, "ask");
  await directory.store.save("seed-0/train", bytes("done"));
  directory.release();
  return folder;
}

describe("the folder of a run", () => {
  it("gives back what was saved, to the process that resumes", async () => {
    const folder = await begun();
    const directory = await openRunDirectory({ folder }, plan, "resume");
    expect(directory.stepsDone).toBe(1);
    expect(await directory.store.load("seed-0/train")).toEqual(bytes("done"));
    expect(await directory.store.load("seed-0/other")).toBeUndefined();
    directory.release();
  });

  it("asks before an unfinished run is given up, and gives it up when told so", async () => {
    const folder = await begun();
    await expect(openRunDirectory({ folder, said: "out/x" }, plan, "ask")).rejects.toThrow(
      /^out\/x holds an unfinished run of gbnn, begun .* UTC; pass --resume .* --fresh/,
    );
    const directory = await openRunDirectory({ folder }, plan, "fresh");
    expect(directory.stepsDone).toBe(0);
    expect(await directory.store.load("seed-0/train")).toBeUndefined();
    directory.release();
  });

  it("does not ask where nothing can be lost", async () => {
    const folder = temporaryFolder();
    (await openRunDirectory({ folder }, plan, "ask")).release();
    (await openRunDirectory({ folder }, { ...plan, seeds: [7] }, "ask")).release();
    expect(JSON.parse(readFileSync(path.join(folder, "run.json"), "utf8")).plan.seeds).toEqual([7]);
  });

  it("resumes the same plan only, and says what differs", async () => {
    const folder = await begun();
    const other = { ...plan, seeds: [0], options: { units: 60, rates: [0.1] }, threads: 2 };
    await expect(openRunDirectory({ folder }, other, "resume")).rejects.toThrow(
      "cannot be resumed with another plan: seeds was [0,1] and is now [0]; threads was null and is now 2; option units was 50 and is now 60;",
    );
    expect(differ(plan, plan)).toEqual([]);
    expect(differ(plan, { ...plan, options: {} })).toContain(
      "option units was 50 and is now absent",
    );
  });

  it("starts where there is nothing to resume", async () => {
    const folder = path.join(temporaryFolder(), "deep", "new");
    const directory = await openRunDirectory({ folder }, plan, "resume");
    expect(directory.stepsDone).toBe(0);
    directory.release();
  });

  it("is used again after a finished run, whose report is kept aside until the next", async () => {
    const folder = await begun();
    const directory = await openRunDirectory({ folder }, plan, "resume");
    await directory.write("report.json", "{}");
    await directory.finish();
    directory.release();
    await expect(openRunDirectory({ folder }, { ...plan, paper: "tract" }, "ask")).rejects.toThrow(
      /holds a finished run of gbnn/,
    );
    (await openRunDirectory({ folder }, { ...plan, seeds: [3] }, "ask")).release();
    expect(readdirSync(folder).sort()).toEqual(["report.previous.json", "run.json", "steps"]);
    expect(readdirSync(path.join(folder, "steps"))).toEqual([]);
  });

  it("is never a folder with other files in it", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "thesis.tex"), "");
    await expect(openRunDirectory({ folder }, plan, "fresh")).rejects.toThrow(
      /holds other files \(thesis.tex\) and no run/,
    );
    const file = path.join(folder, "thesis.tex");
    await expect(openRunDirectory({ folder: file }, plan, "ask")).rejects.toThrow(/is a file/);
    expect(readdirSync(folder)).toEqual(["thesis.tex"]);
  });

  it("with a record that cannot be read is left alone, also by --fresh", async () => {
    const folder = await begun();
    writeFileSync(path.join(folder, "run.json"), '{"schema":2}');
    for (const how of ["ask", "resume", "fresh"] as const) {
      await expect(openRunDirectory({ folder }, plan, how)).rejects.toThrow(/not the record of a/);
    }
    expect(readdirSync(path.join(folder, "steps"))).toHaveLength(1);
  });

  it("loses what a killed writer left, and nothing else", async () => {
    const folder = await begun();
    const part = path.join(folder, "steps", "seed-0+x.step.1234abcd.part");
    writeFileSync(part, "half");
    const directory = await openRunDirectory({ folder }, plan, "resume");
    expect(existsSync(part)).toBe(false);
    expect(directory.stepsDone).toBe(1);
    directory.release();
  });

  it("goes on after a kill between making the folder and writing the record", async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, "steps"));
    writeFileSync(path.join(folder, "run.json.1234abcd.part"), "half");
    (await openRunDirectory({ folder }, plan, "ask")).release();
    expect(readdirSync(folder).sort()).toEqual(["run.json", "steps"]);
  });
});

describe("the file of a step", () => {
  it("has a name of its own and stays in its folder", () => {
    const names = ["a/b", "a+b", "a%2Bb", "a b", "a.b", "../a", "a*b", "", ".", "..", "é", "a/b/c"];
    const long = ["x".repeat(500), `${"x".repeat(499)}y`];
    const files = [...names, ...long].map(fileOf);
    expect(new Set(files).size).toBe(files.length);
    for (const file of files) {
      expect(path.basename(file)).toBe(file);
      expect(file).toMatch(/^[\w.%+=-]*\.step$/);
      expect(file.length).toBeLessThan(130);
    }
  });
});
