import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cards } from "@etude/papers/cards";
import { describe, expect, it } from "vitest";
import { allCommands } from "./commands/index.ts";
import { completions } from "./completions.ts";
import { describeFailure } from "./failures.ts";
import { registeredPapers } from "./papers.ts";
import { testPapers } from "./testing/arithmetic.ts";
import { recordingTerminal, runHere, runProcess, temporaryFolder } from "./testing/runs.ts";
import { version } from "./version.ts";

describe("list and read", () => {
  it("find papers by words, topic and whether they can be run", async () => {
    const all = await runHere(["list"], { papers: registeredPapers });
    for (const { slug } of cards) expect(all.out).toContain(slug);
    const found = await runHere(["list", "DIFFUSION", "--json"], { papers: registeredPapers });
    const slugs: string[] = JSON.parse(found.out).map(({ slug }: { slug: string }) => slug);
    expect(slugs).toContain("adaptive-guidance");
    expect(slugs).not.toContain("gbnn");
    const tables = await runHere(["list", "--topic", "tabular"], { papers: registeredPapers });
    expect(tables.out).toContain("gbnn");
    expect(tables.out).not.toContain("adaptive-guidance");
    const ready = await runHere(["list", "--runnable"]);
    expect(ready.out).toContain("✓  data-diet");
    expect(ready.out).not.toContain("gbnn");
    const nothing = await runHere(["list", "zzz"]);
    expect(nothing).toMatchObject({ status: 0, out: "" });
  });

  it("show the card, and of what can be run the presets, claims and files", async () => {
    const { out } = await runHere(["read", "data-diet"]);
    for (const part of ["Mansheej Paul", "2107.07075", "smoke", "about 6 s", "about 5 h", "≥ 1"]) {
      expect(out).toContain(part);
    }
    expect(out).toContain(path.join("papers", "data-diet", "sums.ts"));
    const { presets } = JSON.parse((await runHere(["read", "data-diet", "--json"])).out).experiment;
    expect(presets.quick.seeds).toEqual([0, 1, 2]);
    expect((await runHere(["read", "gbnn"])).out).toContain("It can only be read so far.");
  });
});

describe("use", () => {
  it("writes files and a report, replaces its own, and takes a switch back", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "sales.csv"), "shop,amount\n1,2.5\n2,3\n3,5\n");
    const args = ["use", "data-diet", "--data", "sales.csv", "--target", "amount"];
    const first = await runHere(args, { folder });
    expect(first).toMatchObject({ status: 0 });
    expect(first.out).toContain("shuffled");
    const place = path.join(folder, "out", "data-diet-use");
    expect(readdirSync(place).sort()).toEqual(["report.html", "report.json", "sum.txt"]);
    const second = await runHere([...args, "--no-shuffle", "--json"], { folder });
    const report = JSON.parse(second.out);
    expect(report).toMatchObject({ kind: "use", options: { shuffle: false, times: 1 } });
    expect(report.inputs).toEqual([
      { name: "data", file: "sales.csv", describe: "3 rows, 2 columns" },
    ]);
    expect(JSON.parse(readFileSync(path.join(place, "report.json"), "utf8"))).toEqual(report);
  });
});

describe("report", () => {
  it("shows a finished run again, with its status, and makes the page anew", async () => {
    const folder = temporaryFolder();
    const args = ["verify", "data-diet", "--preset", "smoke", "--set", "bar=1e9"];
    const run = await runHere(args, { folder });
    const page = path.join(folder, "out", "data-diet-smoke", "report.html");
    const before = readFileSync(page, "utf8");
    writeFileSync(page, "");
    const shown = await runHere(["report", "out/data-diet-smoke"], { folder });
    expect(shown).toMatchObject({ status: 1, out: run.out });
    expect(readFileSync(page, "utf8")).toBe(before);
  });
});

describe("data", () => {
  it("lists what there is and where, and tells what a set is", async () => {
    const { out } = await runHere(["data", "list", "silhouettes"]);
    expect(out).toMatch(/vehicle +table +846 .* here/);
    const { out: info } = await runHere(["data", "info", "vehicle"]);
    for (const part of ["bus (218)", "Siebert", "licence", "target"]) expect(info).toContain(part);
    const { err, status } = await runHere(["data", "fetch", "vehicle"]);
    expect({ err, status }).toEqual({ err: "here already: vehicle", status: 0 });
  });
});

describe("help", () => {
  it("is there for every command and paper, with examples, and fits the screen", async () => {
    const names = (await allCommands()).map(({ name }) => [name]);
    for (const args of [[], ...names, ["use", "data-diet"]]) {
      const { status, out, err } = await runHere([...args, "--help"]);
      expect({ status, err }).toEqual({ status: 0, err: "" });
      expect(out, args.join(" ")).toContain("Examples:");
      expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
      expect(out).not.toMatch(/undefined|\[string\]|\[boolean\]/);
    }
    expect((await runHere(["help", "verify"])).out).toBe((await runHere(["verify", "-h"])).out);
    expect((await runHere(["--version"])).out).toBe(version);
  });
});

describe("completion", () => {
  const offered = (...words: string[]) =>
    completions(words, { ...recordingTerminal("."), ...rest });
  const rest = {
    papers: testPapers,
    signal: new AbortController().signal,
    onSecondInterrupt: () => () => {},
  };

  it("offers commands, papers, flags and the words a flag takes", async () => {
    expect(await offered("")).toContain("verify");
    expect(await offered("read", "d")).toEqual(["data-diet", "gbnn"]);
    expect(await offered("verify", "d")).toEqual(["data-diet"]);
    expect(await offered("verify", "data-diet", "--preset", "")).toEqual([
      "smoke",
      "quick",
      "full",
    ]);
    expect(await offered("verify", "--")).toContain("--resume");
    expect(await offered("data", "")).toContain("fetch");
    expect(await offered("data", "info", "")).toEqual([]);
    expect(await offered("use", "data-diet", "--w")).toContain("--way");
    expect(await offered("use", "data-diet", "--way", "")).toEqual(["plain", "fancy"]);
    expect(await offered("use", "data-d")).toEqual(["data-diet"]);
    expect(await offered("nonsense", "")).toEqual([]);
  });

  it("scripts are those of the shell that is asked for", async () => {
    expect((await runHere(["completion", "bash"])).out).toMatch(/complete -o .* etude$/m);
    expect((await runHere(["completion", "zsh"])).out).toMatch(/^#compdef etude/);
  });
});

describe("failures", () => {
  const failure = (error: unknown) => describeFailure(error);

  it("of the file system are the person's, and one line", () => {
    const error = Object.assign(new Error("EACCES: x"), { code: "EACCES", path: "/a/b" });
    expect(failure(error)).toEqual({ status: 2, message: "etude: /a/b: permission is denied" });
    const full = Object.assign(new Error("ENOSPC: x"), { code: "ENOSPC" });
    expect(failure(full)).toMatchObject({ status: 2 });
  });

  it("nobody thought of are internal, also when they are no errors", () => {
    expect(failure(new RangeError("x"))).toMatchObject({ status: 3 });
    expect(failure("x")).toMatchObject({ status: 3 });
    expect(failure(undefined)).toMatchObject({ status: 3 });
  });
});

describe("the process", () => {
  it("lists without loading the engine, and ends in silence when its reader leaves", async () => {
    const folder = temporaryFolder();
    const [listed, colored] = await Promise.all([
      runProcess(["list"], {
        folder,
        entry: "real",
        environment: { NODE_DEBUG: "esm", COLUMNS: "80" },
      }),
      runProcess(["list"], {
        folder,
        entry: "real",
        environment: { NO_COLOR: "", FORCE_COLOR: "1" },
      }),
    ]);
    expect(listed.status).toBe(0);
    expect(listed.err).toContain("papers/src/cards"); // So the modules are told.
    expect(listed.err).not.toMatch(/onnxruntime|packages\/tensor/);
    expect(listed.out).not.toContain("\u001b");
    expect(colored.out).toContain("\u001b[1m");

    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    const piped = spawn("sh", ["-c", `"${process.execPath}" "${main}" list --json | head -c 1`]);
    let out = "";
    let err = "";
    piped.stdout.on("data", (chunk) => {
      out += chunk;
    });
    piped.stderr.on("data", (chunk) => {
      err += chunk;
    });
    const status = await new Promise((resolve) => piped.on("close", resolve));
    expect({ status, out, err }).toEqual({ status: 0, out: "[", err: "" });
    expect(existsSync(path.join(folder, "out"))).toBe(false);
  });
});
