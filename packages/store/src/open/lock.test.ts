import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockFolder } from "./lock.ts";
import { startOfProcess } from "./process.ts";

describe("lockFolder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "etude-lock-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const leaveLock = (number: number, content: string) =>
    writeFile(path.join(folder, `lock.${number}`), content);
  const since = "2024-01-01T00:00:00.000Z";

  test("is taken once, and again when it was released", async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow("this process has had it open since");
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockFolder(folder)).release();
  });

  test("is taken over from the dead", async () => {
    const dead = [
      // No process has this number.
      JSON.stringify({ pid: 2 ** 30, start: "1", since }),
      // This process has, but it is another one than left the lock.
      JSON.stringify({ pid: process.pid, start: "1", since }),
      // Power failed.
      "",
      '{"pid": 1',
      '{"pid": "x"}',
    ];
    for (const [i, content] of dead.entries()) {
      await leaveLock(i + 3, content);
      const lock = await lockFolder(folder);
      expect(await readdir(folder)).toEqual([`lock.${i + 4}`]);
      await lock.release();
    }
  });

  test("names the living process", async () => {
    const start = await startOfProcess(process.ppid);
    await leaveLock(1, JSON.stringify({ pid: process.ppid, start, since }));
    await expect(lockFolder(folder)).rejects.toThrow(
      `${folder} is in use: process ${process.ppid} has had it open since ${since}`,
    );
  });

  test("never belongs to two, whether it is free or the last holder is dead", async () => {
    for (const isStale of [false, true]) {
      for (let round = 0; round < 10; round++) {
        if (isStale) await leaveLock(1, "");
        const attempts = await Promise.allSettled(
          Array.from({ length: 12 }, () => lockFolder(folder)),
        );
        const taken = attempts.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
        expect(taken.length).toBeLessThanOrEqual(1);
        for (const lock of taken) await lock.release();
        expect((await readdir(folder)).filter((name) => name !== "lock.1")).toEqual([]);
      }
    }
  });
});
