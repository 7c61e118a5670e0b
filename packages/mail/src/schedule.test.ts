import { digests, upsertPapers } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hour } from "./clock.ts";
import { dueIssue, runDigests } from "./schedule.ts";
import { testClock } from "./testing/clock.ts";
import { incomingPaper } from "./testing/papers.ts";
import { addReaders, morning, outbox } from "./testing/readers.ts";
import { smtpServer, type TestServer } from "./testing/smtpServer.ts";

const site = new URL("https://etude.example");

test.each([
  ["daily", "2026-11-24T06:59:59.999Z", "2026-11-23"],
  ["daily", "2026-11-24T07:00:00Z", "2026-11-24"],
  ["daily", "2026-11-24T23:59:59Z", "2026-11-24"],
  ["daily", "2027-01-01T00:00:00Z", "2026-12-31"],
  ["weekly", "2026-11-23T06:59:59.999Z", "2026-11-16"],
  ["weekly", "2026-11-23T07:00:00Z", "2026-11-23"],
  ["weekly", "2026-11-29T23:00:00Z", "2026-11-23"],
  ["weekly", "2026-11-30T06:59:00Z", "2026-11-23"],
  ["weekly", "2026-11-30T07:00:00Z", "2026-11-30"],
] as const)("the %s issue due at %s is that of %s", (frequency, now, day) => {
  expect(dueIssue(frequency, new Date(now))).toEqual({ frequency, day });
});

let server: TestServer;
beforeAll(async () => {
  server = await smtpServer();
});
afterAll(() => server.stop());

eachDatabase("runDigests", (open) => {
  test("does what is due, once, and catches up with one digest of each kind", async () => {
    const store = await open();
    server.received.length = 0;
    const clock = testClock(morning.toISOString());
    const later = (hours: number) => {
      clock.time = morning.getTime() + hours * hour;
    };
    const run = () => runDigests(store, server.transport, { site, clock });
    await addReaders(store, 2);
    await addReaders(store, 1, { email: "w@example.org", emailKey: "w", frequency: "weekly" });
    const paper = (number: number) => upsertPapers(store, [incomingPaper(number)], clock.now());

    later(-2);
    await paper(1);
    later(0);
    expect((await run()).built).toMatchObject([
      { frequency: "daily", day: "2026-11-24", papers: 1, queued: 2 },
      { frequency: "weekly", day: "2026-11-23", papers: 1, queued: 1 },
    ]);
    expect(server.received).toHaveLength(3);

    later(1);
    await paper(2);
    const again = await Promise.all([run(), run(), run()]);
    expect(again.flatMap(({ built }) => built)).toEqual([]);
    expect(server.received).toHaveLength(3);

    // Ten days of silence: two Mondays and ten mornings were missed.
    later(10 * 24 + 5);
    await paper(3);
    const late = (await Promise.all([run(), run(), run()])).flatMap(({ built }) => built);
    expect(late.sort((a, b) => (a.frequency < b.frequency ? -1 : 1))).toMatchObject([
      { frequency: "daily", day: "2026-12-04", papers: 2, queued: 2 },
      { frequency: "weekly", day: "2026-11-30", papers: 2, queued: 1 },
    ]);
    expect(server.received).toHaveLength(6);
    expect(await store.db.select().from(digests)).toHaveLength(4);
    expect((await outbox(store)).every(({ status }) => status === "sent")).toBe(true);
  });

  test("reports what was left behind and when to come again", async () => {
    const store = await open();
    server.received.length = 0;
    const clock = testClock(morning.toISOString());
    await addReaders(store, 1);
    await upsertPapers(store, [incomingPaper(1)], new Date(morning.getTime() - hour));
    const closed = { ...server.transport, open: () => Promise.reject(new Error("a bug")) };
    await expect(runDigests(store, closed, { site, clock })).rejects.toThrow("a bug");
    const run = await runDigests(store, server.transport, { site, clock });
    expect(run).toMatchObject({
      built: [],
      recovered: { requeued: 0, uncertain: [] },
      delivered: { sent: 1 },
      nextTry: undefined,
    });
  });
});
