import type { UseReport, VerifyReport } from "@etude/papers/report/schema";
import { expect, test } from "vitest";
import { ingestStates, lastIngests } from "./ingestStates.ts";
import {
  findReport,
  latestNativeReport,
  reproductions,
  saveReport,
  verdictCounts,
} from "./reports.ts";
import { tokens } from "./schema/index.ts";
import { eachDatabase } from "./testing/databases.ts";
import { createToken, listTokens, revokeToken, useToken } from "./tokens.ts";

const now = new Date("2024-06-01T12:00:00Z");
const body = {
  schema: 1,
  paper: "data-diet",
  options: { epochs: 3 },
  tables: [{ id: "t", title: "T", columns: ["a"], rows: [[null], ["\0 'x' \uD800"]] }],
  figures: [],
  pictures: [],
  findings: [],
  environment: {
    etude: "0",
    runtime: "r",
    platform: "p",
    processor: "c",
    cores: 2,
    device: "cpu",
  },
  finished: "2024-06-01T11:00:00Z",
  timings: [],
} as const;
const verifyReport: VerifyReport = {
  kind: "verify",
  ...body,
  preset: "quick",
  changed: false,
  seeds: [1],
  claims: [
    {
      id: "c",
      statement: "s",
      paper: "p",
      bar: { atLeast: 1 },
      samples: [Number.NaN],
      mean: Number.NaN,
      interval: null,
      verdict: "does not hold here",
    },
  ],
  results: [{ loss: 1.5 }],
};
const useReport: UseReport = { kind: "use", ...body, seed: 1, inputs: [], files: [] };

eachDatabase("reports", (open) => {
  test("are counted by claim, origin and verdict; those of others are listed apart", async () => {
    const store = await open();
    const { id: token } = await createToken(store, { label: "lab", quota: 9 }, now);
    const [claim] = verifyReport.claims;
    const holding = (mean: number, more: Partial<VerifyReport> = {}): VerifyReport => ({
      ...verifyReport,
      ...more,
      claims: [
        { ...claim, mean, verdict: "holds" },
        { ...claim, id: "c\0", mean: 9, verdict: "inconclusive" },
      ],
    });
    await saveReport(store, verifyReport, { origin: "native", id: "same" }, now);
    await saveReport(store, holding(2), { origin: "native", id: "same" }, now);
    await saveReport(store, holding(3), { origin: "native" }, now);
    await saveReport(store, holding(4, { changed: true }), { origin: "native" }, now);
    const id = await saveReport(store, verifyReport, { origin: "community", token }, now);
    await saveReport(store, useReport, { origin: "community", token }, now);
    expect(await verdictCounts(store, "data-diet", "quick")).toEqual([
      {
        claim: "c",
        origin: "community",
        verdict: "does not hold here",
        count: 1,
        least: null,
        greatest: null,
      },
      { claim: "c", origin: "native", verdict: "holds", count: 2, least: 2, greatest: 3 },
    ]);
    expect(await verdictCounts(store, "gbnn", "quick")).toEqual([]);
    const told = await reproductions(store, "data-diet");
    expect(told.map((each) => each.id)).toEqual([id]);
    expect(await revokeToken(store, token)).toBe(true);
    expect(await reproductions(store, "data-diet")).toHaveLength(1);
  });

  test("are found as they were saved", async () => {
    const store = await open();
    for (const report of [verifyReport, useReport]) {
      const id = await saveReport(store, report, { origin: "browser" }, now);
      expect(id).toMatch(/^[\w-]{22}$/);
      expect(await findReport(store, id)).toEqual({ id, origin: "browser", saved: now, report });
    }
    for (const id of ["no-such", "", "\0", "'; --", "x".repeat(1e5)]) {
      expect(await findReport(store, id)).toBeUndefined();
    }
  });

  test("the latest of ours is of the preset as it is", async () => {
    const store = await open();
    const latest = () => latestNativeReport(store, "data-diet", "quick");
    expect(await latest()).toBeUndefined();
    const day = (number: number) => ({ ...verifyReport, finished: `2024-06-0${number}T00:00:00Z` });
    await saveReport(store, day(2), { origin: "native", id: "second" }, now);
    await saveReport(store, day(1), { origin: "native", id: "first" }, now);
    await saveReport(store, day(3), { origin: "browser" }, now);
    await saveReport(store, { ...day(4), changed: true }, { origin: "native" }, now);
    await saveReport(store, { ...day(5), preset: "full" }, { origin: "native" }, now);
    await saveReport(store, { ...day(6), paper: "gbnn" }, { origin: "native" }, now);
    await saveReport(store, useReport, { origin: "native" }, now);
    expect((await latest())?.id).toBe("second");
    await saveReport(store, day(7), { origin: "native", id: "first" }, now);
    expect(await latest()).toMatchObject({ id: "first", report: { finished: day(7).finished } });
    await expect(
      saveReport(store, useReport, { origin: "native", id: "a b" }, now),
    ).rejects.toThrow('"a b" cannot identify a report');
  });
});

eachDatabase("tokens", (open) => {
  const tomorrow = new Date("2024-06-02T00:00:00Z");

  test("count a day's uses, also in parallel", async () => {
    const store = await open();
    const { id, secret } = await createToken(store, { label: "lab", quota: 5 }, now);
    const uses = await Promise.all(Array.from({ length: 12 }, () => useToken(store, secret, now)));
    const left = uses.flatMap((use) => (use.allowed ? [use.left] : []));
    expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
    expect(uses.filter((use) => !use.allowed && use.reason === "quota")).toHaveLength(7);
    expect(await useToken(store, secret, tomorrow)).toEqual({
      allowed: true,
      left: 4,
      token: { id, label: "lab", quota: 5, created: now, expires: null },
    });
  });

  test("expire, are revoked, and are unknown", async () => {
    const store = await open();
    const { id, secret } = await createToken(
      store,
      { label: "a", quota: 9, expires: tomorrow },
      now,
    );
    expect(await useToken(store, secret, now)).toMatchObject({ allowed: true });
    expect(await useToken(store, secret, tomorrow)).toEqual({ allowed: false, reason: "expired" });
    expect((await listTokens(store)).map(({ label }) => label)).toEqual(["a"]);
    expect(await revokeToken(store, id)).toBe(true);
    expect(await revokeToken(store, id)).toBe(false);
    for (const wrong of [secret, "", "\0"]) {
      expect(await useToken(store, wrong, now)).toEqual({ allowed: false, reason: "unknown" });
    }
    for (const quota of [0, -1, 1.5, Number.NaN]) {
      await expect(createToken(store, { label: "a", quota }, now)).rejects.toThrow("a quota is");
    }
  });

  test("only their hashes are kept", async () => {
    const store = await open();
    const { secret } = await createToken(store, { label: "a", quota: 9 }, now);
    const [row] = await store.db.select().from(tokens);
    expect(row.hash).toBeInstanceOf(Uint8Array);
    expect(row.hash).toHaveLength(32);
    expect(Buffer.from(row.hash).toString("latin1")).not.toContain(secret);
  });
});

eachDatabase("ingestStates", (open) => {
  test("keep what was last saved of each source", async () => {
    const store = await open();
    const states = ingestStates(store, () => now);
    expect(await states.load("arxiv")).toBeUndefined();
    const state = {
      through: "2024-05-31",
      seen: { "https://a/\0": { etag: '"x"', n: [1, null] } },
    };
    await states.save("arxiv", { through: "2024-05-30" });
    await states.save("arxiv", state);
    await states.save("daily", {});
    expect(await states.load("arxiv")).toEqual(state);
    expect(await lastIngests(store)).toEqual(
      new Map([
        ["arxiv", now],
        ["daily", now],
      ]),
    );
  });
});
