import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../database.ts";
import { openStore } from "../open.ts";
import { papers, votes } from "../schema/index.ts";
import { copyEmptyDatabase } from "../testing/embeddedDatabases.ts";
import { scratchFolder } from "../testing/scratch.ts";

const program = fileURLToPath(new URL("../testing/insertForever.ts", import.meta.url));

describe("a store in a folder", () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    folder = await scratchFolder("etude-embedded-");
    await copyEmptyDatabase(folder);
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts the program that stores papers; gives what it printed up to some number of lines. */
  async function insertUntil(first: number, lines: number): Promise<string[]> {
    child = spawn(process.execPath, [program, folder, String(first)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    for await (const chunk of child.stdout ?? []) {
      printed += chunk;
      if (printed.split("\n").length > lines) break;
    }
    return printed.split("\n").slice(0, -1);
  }

  async function kill(): Promise<void> {
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  test("loses nothing that was acknowledged when its process is killed", async () => {
    const acknowledged: string[] = [];
    // Each round dies after another number of papers; the time within a statement is left to chance.
    for (const lines of [1, 25]) {
      acknowledged.push(...(await insertUntil(acknowledged.length + 100 * lines, lines)));
      await kill();
      const store = await openStore({ folder });
      const rows = await store.db.select({ arxiv: papers.arxiv, votes: papers.votes }).from(papers);
      const voted = await store.db.$count(votes);
      await store.close();
      const stored = new Map(rows.map(({ arxiv, votes }) => [arxiv, votes]));
      expect(acknowledged.filter((arxiv) => stored.get(arxiv) !== 1)).toEqual([]);
      expect(voted).toBe(rows.reduce((sum, row) => sum + row.votes, 0));
    }
  });

  test("belongs to one living process", async () => {
    await insertUntil(0, 1);
    const attempt = openStore({ folder });
    await expect(attempt).rejects.toThrow(`${folder} is in use: process ${child?.pid} has had it`);
    await expect(attempt).rejects.toBeInstanceOf(StoreError);
    await kill();
    const store = await openStore({ folder });
    await expect(openStore({ folder })).rejects.toThrow(
      `${folder} is in use: this process has had`,
    );
    await store.close();
    expect(await readdir(folder)).toEqual(["postgres"]);
    await (await openStore({ folder })).close();
  });
});
