import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { card } from "@etude/papers/cards";
import { describe, expect, it } from "vitest";
import { newCard } from "../newCard.ts";
import { papersFolder } from "../papers.ts";
import { planPaper } from "../scaffold.ts";
import { copyRepository, repository } from "../testing/copyRepository.ts";
import { temporaryFolder } from "../testing/runs.ts";

const execute = promisify(execFile);
const facts = {
  title: "Heavy Tails",
  authors: "Ada Byron; Emmy Noether",
  year: 2024,
  topics: "optimisation,learning-theory",
};
const topics = ["optimisation", "learning-theory"];

describe("a new paper", () => {
  it("is the template under another name, and a line in the registry", async () => {
    const changes = await planPaper(papersFolder, { ...card("tract"), slug: "light" }, false);
    const names = readdirSync(path.join(papersFolder, "template")).map((name) => `light/${name}`);
    expect(changes.map(({ file }) => file).sort()).toEqual(["registry.ts", ...names].sort());
    const of = (file: string) => changes.find((change) => change.file === file)?.content ?? "";
    expect(of("registry.ts")).toContain('\n  light: () => import("./light/paper.ts"),\n');
    expect(of("light/README.md")).toContain(`# ${card("tract").title}\n`);
    expect(of("light/README.md")).toContain("etude verify light");
    for (const { content } of changes) expect(content).not.toContain('card("data-diet")');
  });

  it("with a card of its own joins the others in their order", async () => {
    const changes = await planPaper(papersFolder, newCard("heavy-tails", facts, topics), true);
    const index = changes.find(({ file }) => file === "cards/index.ts")?.content ?? "";
    expect(index).toMatch(
      /geometry-adaptive-denoisers\.ts";\nimport .* heavyTails .*\nimport .*hessian/,
    );
    expect(index).toMatch(
      /\n {2}geometryAdaptiveDenoisers,\n {2}heavyTails,\n {2}hessianAlignment,/,
    );
    const registry = changes.find(({ file }) => file === "registry.ts")?.content ?? "";
    expect(registry).toContain('  "heavy-tails": () => import("./heavy-tails/paper.ts"),');
  });

  it("is refused where the name is taken, or a fact is missing or malformed", async () => {
    const taken = { ...card("tract"), slug: "report" };
    await expect(planPaper(papersFolder, taken, true)).rejects.toThrow(/folder of this name/);
    const withFacts = (changed: object) => () => newCard("x", { ...facts, ...changed }, topics);
    expect(withFacts({ title: undefined })).toThrow(/--title is missing/);
    expect(withFacts({ year: 24 })).toThrow("--year 24: expected a year");
    expect(withFacts({ topics: "optimisation" })).toThrow(/two or more/);
    expect(withFacts({ topics: "optimisation,learning-teory" })).toThrow(/mean learning-theory/);
    expect(withFacts({ arxiv: "arXiv:2107" })).toThrow("--arxiv arXiv:2107: expected a form");
  });

  it("passes the type check and runs at once, in a copy of the repository", async () => {
    const copy = temporaryFolder();
    await copyRepository(copy);
    const etude = (...args: string[]) =>
      execute(process.execPath, [path.join(copy, "apps/cli/src/main.ts"), ...args], { cwd: copy });
    await etude(
      "new",
      "heavy-tails",
      ...Object.entries(facts).flatMap(([k, v]) => [`--${k}`, `${v}`]),
    );
    const [{ stdout: report }, { stdout: read }, types] = await Promise.all([
      etude("verify", "heavy-tails", "--preset", "smoke", "--json"),
      etude("read", "heavy-tails"),
      checkTypes(copy, ["heavy-tails", "cards"]),
    ]);
    expect(JSON.parse(report)).toMatchObject({
      kind: "verify",
      paper: "heavy-tails",
      preset: "smoke",
    });
    expect(read).toContain("Ada Byron, Emmy Noether");
    expect(types).toBe("");
  });
});

/** What the compiler has against these folders of the papers. */
async function checkTypes(copy: string, folders: readonly string[]): Promise<string> {
  const settings = JSON.parse(readFileSync(path.join(copy, "tsconfig.json"), "utf8"));
  settings.include = folders.map((folder) => `packages/papers/src/${folder}`);
  writeFileSync(path.join(copy, "tsconfig.json"), JSON.stringify(settings));
  const compiler = path.join(repository, "node_modules/.bin/tsc");
  const run = execute(compiler, ["--noEmit"], { cwd: copy });
  const output = await run.catch((error: { stdout: string }) => error);
  return output.stdout
    .split("\n")
    .filter((line) => folders.some((folder) => line.includes(`/src/${folder}/`)))
    .join("\n");
}
