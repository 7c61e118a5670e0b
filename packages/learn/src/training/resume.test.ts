import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { fileCheckpoint } from "./fileCheckpoint.ts";
import { options } from "./fixtures/killable.ts";
import { decodeState, encodeState } from "./state.ts";
import { lastOf, train } from "./train.ts";

const folder = mkdtempSync(join(tmpdir(), "etude-resume-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Run the program, and kill it at the first line that `when` wants; the lines it said until then. */
function runUntil(checkpoint: string, result: string, when: (line: string) => boolean) {
  const program = fileURLToPath(new URL("./fixtures/killable.ts", import.meta.url));
  const child = spawn(process.execPath, [program, checkpoint, result], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (when(line)) child.kill("SIGKILL");
  });
  return new Promise<{ lines: string[]; killed: boolean; code: number | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ lines, killed: signal === "SIGKILL", code }));
  });
}

test("killed again and again, in a step, in a write, and after one, it ends with the same bits", async () => {
  const [checkpoint, result] = [join(folder, "run", "checkpoint"), join(folder, "result")];
  const unbroken = await lastOf(train(options()));
  const moments: ((line: string, lines: number) => boolean)[] = [
    (line) => line === "step 2", // before the first checkpoint
    (line) => line === "saving", // while a checkpoint is written
    (line) => line === "checkpoint 9",
    (line) => line === "step 17",
  ];
  const resumed: string[] = [];
  for (const when of moments) {
    let lines = 0;
    const run = await runUntil(checkpoint, result, (line) => when(line, lines++));
    expect(run.killed).toBe(true);
    expect(existsSync(result)).toBe(false);
    resumed.push(run.lines.find((line) => line.startsWith("resumed")) ?? "begun");
  }
  expect(resumed[0]).toBe("begun");
  expect(resumed[3]).toMatch(/resumed (9|12|15)$/);
  const last = await runUntil(checkpoint, result, () => false);
  expect([last.killed, last.code]).toEqual([false, 0]);
  expect(last.lines[0]).toMatch(/resumed (15|18|21|24)$/);
  const ended = readFileSync(result);
  expect(Buffer.compare(ended, encodeState(unbroken))).toBe(0);

  // A finished run stays finished, and its checkpoint is whole.
  const again = await lastOf(train(options(fileCheckpoint(checkpoint))));
  expect(Buffer.compare(encodeState(again), encodeState(unbroken))).toBe(0);
  expect(decodeState(readFileSync(checkpoint))).toMatchObject({ kind: "training" });
});

test("a file that is missing, empty, cut off or something else", async () => {
  const path = join(folder, "other");
  const store = fileCheckpoint(path);
  expect(await store.load()).toBeUndefined();
  await store.save(encodeState({ hello: 1 }));
  await expect(lastOf(train(options(store)))).rejects.toThrow("something else than a training run");
  writeFileSync(path, readFileSync(path).subarray(0, 30));
  await expect(lastOf(train(options(store)))).rejects.toThrow("end too early");
  writeFileSync(path, "");
  await expect(lastOf(train(options(store)))).rejects.toThrow("no saved state");
});
