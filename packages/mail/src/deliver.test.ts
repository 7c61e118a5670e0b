import { type Store, subscribers } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { hour, minute } from "./clock.ts";
import { type DeliverOptions, deliver } from "./deliver.ts";
import { nextTry, tooLate } from "./outbox.ts";
import { testClock } from "./testing/clock.ts";
import { addDigest, addReaders, morning, outbox } from "./testing/readers.ts";
import { reply, type Stages, smtpServer, type TestServer } from "./testing/smtpServer.ts";
import { smtpTransport } from "./transport/smtp.ts";

const site = new URL("https://etude.example");
const nothing = { sent: 0, deferred: 0, failed: 0, uncertain: [], stopped: 0, trouble: undefined };

let server: TestServer;
beforeAll(async () => {
  server = await smtpServer();
});
afterEach(() => {
  server.stages = {};
  server.received.length = 0;
});
afterAll(() => server.stop());

/** A clock that stands at the morning of the digest, `minutes` later. */
const clockAt = (minutes = 0) =>
  testClock(new Date(morning.getTime() + minutes * minute).toISOString());

const send = (store: Store, options: Partial<DeliverOptions> = {}) =>
  deliver(store, server.transport, { site, clock: clockAt(), ...options });

/** Who got how many mails. */
function copies(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const address of server.received.flatMap(({ to }) => to)) {
    counts[address] = (counts[address] ?? 0) + 1;
  }
  return counts;
}

const onceEach = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`reader${i + 1}@example.org`, 1]));

const refuse = (code: number, text: string, who = /./): Stages => ({
  recipient(address: string) {
    if (who.test(address)) throw reply(code, text);
  },
});

eachDatabase("deliver", (open) => {
  test("sends a digest to each subscriber once", async () => {
    const store = await open();
    await addReaders(store, 9);
    await addDigest(store);
    expect(await send(store)).toEqual({ ...nothing, sent: 9 });
    expect(copies()).toEqual(onceEach(9));
    expect(await send(store)).toEqual(nothing);
    expect(copies()).toEqual(onceEach(9));
    const [mail] = await server.mails("reader1@example.org");
    expect(mail.messageId).toMatch(/^<daily\.2026-11-24\.\d+@etude\.example>$/);
    expect(mail.date).toEqual(morning);
    const unsubscribe = mail.headers.get("list") as { unsubscribe: { url: string } };
    expect(mail.text).toContain(unsubscribe.unsubscribe.url);
  });

  test("many processes at the same time share the work", async () => {
    const store = await open();
    await addReaders(store, 40);
    await addDigest(store);
    const runs = await Promise.all(Array.from({ length: 4 }, () => send(store)));
    expect(runs.reduce((sum, { sent }) => sum + sent, 0)).toBe(40);
    expect(copies()).toEqual(onceEach(40));
  });

  test("who left, changed, or chose other topics meanwhile gets nothing, and the row says so", async () => {
    const store = await open();
    const readers = await addReaders(store, 4);
    await addDigest(store);
    const set = (reader: number, change: Partial<(typeof readers)[0]>) =>
      store.db.update(subscribers).set(change).where(eq(subscribers.id, readers[reader].id));
    await set(0, { status: "stopped" });
    await set(1, { frequency: "weekly" });
    await set(2, { topics: ["nothing like it"] });
    expect(await send(store)).toEqual({ ...nothing, sent: 1, failed: 3 });
    expect((await outbox(store)).map(({ status, error }) => [status, error])).toEqual([
      ["failed", "unsubscribed before it was sent"],
      ["failed", "wants the weekly digest by now"],
      ["failed", "nothing about the topics that are wanted by now"],
      ["sent", null],
    ]);
  });

  test("a temporary refusal is tried again, later and later, and given up in the end", async () => {
    const store = await open();
    await addReaders(store, 2);
    await addDigest(store);
    server.stages = refuse(451, "4.2.1 greylisted", /reader2/);
    expect(await send(store)).toEqual({ ...nothing, sent: 1, deferred: 1 });
    expect(await nextTry(store)).toEqual(new Date(morning.getTime() + minute));
    expect(await send(store, { clock: clockAt(0.9) })).toEqual(nothing);
    expect(await send(store, { clock: clockAt(1) })).toEqual({ ...nothing, deferred: 1 });
    expect(await send(store, { clock: clockAt(5.9) })).toEqual(nothing);
    expect((await outbox(store))[1]).toMatchObject({
      status: "queued",
      attempts: 2,
      error: "temporary: RCPT TO: 451 4.2.1 greylisted",
    });
    const late = clockAt((tooLate + hour) / minute);
    expect(await send(store, { clock: late })).toEqual({ ...nothing, failed: 1 });
    expect((await outbox(store))[1]).toMatchObject({
      status: "failed",
      error: "not sent in 72 hours; the last try: temporary: RCPT TO: 451 4.2.1 greylisted",
    });
    expect(copies()).toEqual(onceEach(1));
  });

  test("a temporary refusal ends: the mail is the same one", async () => {
    const store = await open();
    await addReaders(store, 1);
    await addDigest(store);
    // Refused after it was read: the server must be believed that it did not take it.
    server.stages = {
      taken() {
        throw reply(451, "4.3.0 try later");
      },
    };
    expect(await send(store)).toEqual({ ...nothing, deferred: 1 });
    server.stages = {};
    expect(await send(store, { clock: clockAt(10) })).toEqual({ ...nothing, sent: 1 });
    expect(server.received).toHaveLength(2);
    expect(server.received[1].raw).toEqual(server.received[0].raw);
  });

  test("three refusals of an address in a row end its subscription", async () => {
    const store = await open();
    await addReaders(store, 2);
    const day = async (number: number, stages: Stages) => {
      const now = new Date(morning.getTime() + number * 24 * hour);
      await addDigest(store, now);
      server.stages = stages;
      return send(store, { clock: testClock(now.toISOString()) });
    };
    const noSuchUser = refuse(550, "5.1.1 no such user", /reader1/);
    const refused = { ...nothing, sent: 1, failed: 1 };
    expect(await day(0, noSuchUser)).toEqual(refused);
    expect(await day(1, noSuchUser)).toEqual(refused);
    expect(await day(2, {})).toEqual({ ...nothing, sent: 2 });
    expect(await day(3, noSuchUser)).toEqual(refused);
    // About us, not about the address: does not count.
    expect(await day(4, refuse(554, "5.7.1 you are on a list", /reader1/))).toEqual(refused);
    expect(await day(5, refuse(552, "5.2.2 mailbox full", /reader1/))).toEqual(refused);
    expect(await day(6, noSuchUser)).toEqual({ ...refused, stopped: 1 });
    expect(await day(7, noSuchUser)).toEqual({ ...nothing, sent: 1 });
    const states = await store.db.select({ status: subscribers.status }).from(subscribers);
    expect(states.map(({ status }) => status).sort()).toEqual(["active", "stopped"]);
  });

  test("a provider that throttles slows all down, and nobody is left out", async () => {
    const store = await open();
    await addReaders(store, 12);
    await addDigest(store);
    let asked = 0;
    server.stages = {
      sender() {
        asked += 1;
        if (asked >= 5 && asked <= 9) throw reply(421, "4.7.0 slow down");
      },
    };
    const clock = clockAt();
    const first = await send(store, { clock });
    expect(first.trouble).toBeUndefined();
    expect(clock.waits).not.toEqual([]);
    const second = await send(store, { clock: clockAt(60) });
    expect(first.sent + second.sent).toBe(12);
    expect(first.deferred).toBe(second.sent);
    expect(copies()).toEqual(onceEach(12));
  });

  test("where nothing can be sent, the run ends and keeps the queue", async () => {
    const store = await open();
    await addReaders(store, 20);
    await addDigest(store);
    const nowhere = smtpTransport("smtp://127.0.0.1:1", server.transport.from);
    const clock = clockAt();
    const run = await deliver(store, nowhere, { site, clock });
    expect(run).toMatchObject({ ...nothing, trouble: expect.stringContaining("ECONNREFUSED") });
    expect(
      (await outbox(store)).every(({ status, attempts }) => status === "queued" && attempts === 0),
    ).toBe(true);
    server.stages = refuse(554, "5.7.1 relay access denied");
    const refused = await send(store);
    expect(refused.trouble).toBe("refused: RCPT TO: 554 5.7.1 relay access denied");
    expect(refused.failed).toBeLessThan(10);
    server.stages = {};
    expect(await send(store)).toMatchObject({ sent: 20 - refused.failed });
  });

  test("a minute has a number of mails at most, for all together", async () => {
    const store = await open();
    await addReaders(store, 10);
    await addDigest(store);
    const clock = clockAt();
    const times: number[] = [];
    server.stages = { taken: () => void times.push(clock.time - morning.getTime()) };
    const options = { clock, perMinute: 4, concurrency: 2 };
    const runs = await Promise.all([send(store, options), send(store, options)]);
    expect(runs.reduce((sum, { sent }) => sum + sent, 0)).toBe(10);
    expect(copies()).toEqual(onceEach(10));
    for (const time of times) {
      expect(
        times.filter((each) => each >= time && each < time + minute).length,
      ).toBeLessThanOrEqual(4);
    }
  });

  test("a run that is asked to stop ends after what is under way", async () => {
    const store = await open();
    await addReaders(store, 10);
    await addDigest(store);
    const stop = new AbortController();
    server.stages = { taken: () => stop.abort() };
    const run = await send(store, { concurrency: 2, signal: stop.signal });
    expect(run.sent).toBeLessThanOrEqual(2);
    expect((await outbox(store)).filter(({ status }) => status === "sending")).toEqual([]);
    server.stages = {};
    await send(store);
    expect(copies()).toEqual(onceEach(10));
  });

  test("a mail whose answer was lost is not sent again, and reported", async () => {
    const store = await open();
    await addReaders(store, 2);
    await addDigest(store);
    // The server takes the message, and the connection breaks before it says so.
    server.stages = {
      taken({ to }) {
        if (to.includes("reader1@example.org")) server.hangUp();
      },
    };
    const run = await send(store, { concurrency: 1 });
    expect(run).toMatchObject({ sent: 1, failed: 1, trouble: undefined });
    expect(run.uncertain).toHaveLength(1);
    expect(await send(store, { clock: clockAt(60) })).toEqual(nothing);
    const rows = await outbox(store);
    expect(rows[0]).toMatchObject({ status: "failed", error: expect.stringMatching(/^unknown: /) });
    expect(copies()).toEqual(onceEach(2));
  });
});
