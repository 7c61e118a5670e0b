import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { siteSecret } from "./secret.ts";

describe("siteSecret", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "etude-secret-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("is drawn once, readable to its owner only", async () => {
    const data = path.join(folder, "data");
    const first = await siteSecret(data, {});
    expect(first).toHaveLength(32);
    expect(await siteSecret(data, {})).toEqual(first);
    expect((await stat(path.join(data, "secret"))).mode & 0o777).toBe(0o600);
    expect(await readdir(data)).toEqual(["secret"]);
  });

  test("starts at once agree", async () => {
    const drawn = await Promise.all(Array.from({ length: 20 }, () => siteSecret(folder, {})));
    expect(new Set(drawn.map((secret) => secret.join())).size).toBe(1);
  });

  test("comes from the environment", async () => {
    const secret = await siteSecret(folder, { ETUDE_SECRET: "0fFF".repeat(16) });
    expect(Buffer.from(secret).toString("hex")).toBe("0fff".repeat(16));
    expect(await readdir(folder)).toEqual([]);
    await expect(siteSecret(folder, { ETUDE_SECRET: "short" })).rejects.toThrow(
      "ETUDE_SECRET must hold 64 hexadecimal digits",
    );
  });

  test("a file that holds something else is not overwritten", async () => {
    const file = path.join(folder, "secret");
    await writeFile(file, "hello");
    await expect(siteSecret(folder, {})).rejects.toThrow(`${file} must hold 64 hexadecimal digits`);
    expect(await readFile(file, "utf8")).toBe("hello");
  });
});
