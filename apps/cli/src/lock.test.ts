import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { lock } from "./lock.ts";
import { temporaryFolder } from "./testing/runs.ts";

const holder = (folder: string, of: object): void =>
  writeFileSync(path.join(folder, "lock"), JSON.stringify(of));

describe("the lock of a folder", () => {
  it("keeps a second one out until it is given back, and leaves nothing", async () => {
    const folder = temporaryFolder();
    const release = await lock(folder, "out/x");
    await expect(lock(folder, "out/x")).rejects.toThrow(
      `out/x is in use by process ${process.pid}; wait for it`,
    );
    release();
    release();
    const again = await lock(folder);
    again();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is taken over from a process that died, also one that nobody has buried", async () => {
    const folder = temporaryFolder();
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "close");
    holder(folder, { process: child.pid, machine: hostname(), mark: "old" });
    (await lock(folder))();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is taken over where a living process has the number of the dead one", async () => {
    const folder = temporaryFolder();
    // Our own number, as in a container that was started anew; and our parent's, begun at another time.
    holder(folder, { process: process.pid, machine: hostname(), began: "earlier", mark: "old" });
    (await lock(folder))();
    if (process.platform === "linux") {
      holder(folder, { process: process.ppid, machine: hostname(), began: "earlier", mark: "old" });
      (await lock(folder))();
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of another machine, or of a living process, is respected", async () => {
    const folder = temporaryFolder();
    holder(folder, { process: 1, machine: "elsewhere", mark: "theirs" });
    await expect(lock(folder)).rejects.toThrow(/process 1 on elsewhere/);
    holder(folder, { process: process.ppid, machine: hostname(), mark: "theirs" });
    await expect(lock(folder)).rejects.toThrow(`in use by process ${process.ppid};`);
    expect(readFileSync(path.join(folder, "lock"), "utf8")).toContain("theirs");
  });

  it("that was cut short while being written is nobody's", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "lock"), '{"process":');
    (await lock(folder))();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is had by one only of many that want it at once", async () => {
    const folder = temporaryFolder();
    holder(folder, { process: process.pid, machine: hostname(), began: "earlier", mark: "old" });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lock(folder)));
    const had = results.filter(({ status }) => status === "fulfilled");
    expect(had).toHaveLength(1);
  });
});
