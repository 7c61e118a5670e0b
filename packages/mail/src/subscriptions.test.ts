import { type Store, subscribers } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { RequestError, SendError } from "./errors.ts";
import { confirm, look, unsubscribe } from "./management.ts";
import { requestLimit } from "./requests.ts";
import { forgetUnconfirmed, subscribe } from "./subscriptions.ts";
import { reply, smtpServer, type TestServer } from "./testing/smtpServer.ts";

const site = new URL("https://etude.example");
const start = Date.parse("2026-11-24T12:00:00Z");
const at = (minutes: number) => new Date(start + minutes * 60_000);
const wish = { email: "Ada@Example.org", frequency: "weekly", topics: ["tabular", "optimisation"] };

let server: TestServer;
beforeAll(async () => {
  server = await smtpServer();
});
afterEach(() => {
  server.stages = {};
  server.received.length = 0;
});
afterAll(() => server.stop());

const ask = (store: Store, minutes: number, about: Partial<typeof wish> = {}) =>
  subscribe(store, server.transport, { ...wish, ...about }, { site, now: at(minutes) });

/** The token of the link for a purpose in the last mail. */
async function lastToken(purpose: string): Promise<string> {
  const text = (await server.mails()).at(-1)?.text ?? "";
  const token = new RegExp(`https://etude\\.example/subscribe/${purpose}/(\\S+)`).exec(text)?.[1];
  if (token === undefined) throw new Error(`no link to ${purpose} in: ${text}`);
  return token;
}

eachDatabase("subscribe", (open) => {
  test("an address is active once its owner has followed the link", async () => {
    const store = await open();
    await ask(store, 0);
    const [mail] = await server.mails();
    expect(mail.subject).toBe("Confirm your subscription to Etude");
    expect(server.received[0].to).toEqual(["Ada@example.org"]);
    expect(mail.text?.replace(/\s+/g, " ")).toContain(
      "every Monday, about these topics: Optimisation; Tables.",
    );
    const token = await lastToken("confirm");
    expect(await look(store, "confirm", token, at(5))).toMatchObject({
      subscription: { status: "pending" },
    });
    for (const minutes of [10, 20]) {
      expect(await confirm(store, token, at(minutes))).toMatchObject({
        link: "valid",
        subscription: {
          email: "Ada@example.org",
          frequency: "weekly",
          topics: ["optimisation", "tabular"],
          status: "active",
        },
      });
    }
    const rows = await store.db.select().from(subscribers);
    expect(rows).toMatchObject([{ emailKey: "ada@example.org", confirmed: at(10) }]);
    expect(rows[0].secret).toHaveLength(32);
  });

  test("nobody else learns that it is subscribed, or changes what it gets", async () => {
    const store = await open();
    expect(await ask(store, 0)).toBeUndefined();
    await confirm(store, await lastToken("confirm"), at(1));
    const [before] = await store.db.select().from(subscribers);
    expect(await ask(store, 2, { email: "ADA@example.org", frequency: "daily" })).toBeUndefined();
    const counted = { ...before, requests: [at(0), at(2)] };
    expect(await store.db.select().from(subscribers)).toEqual([counted]);
    const mail = (await server.mails()).at(-1);
    expect(mail?.subject).toBe("You are subscribed to Etude already");
    expect(server.received.at(-1)?.to).toEqual(["Ada@example.org"]);
    const manage = await lastToken("manage");
    expect(await look(store, "manage", manage, at(3))).toMatchObject({ link: "valid" });
  });

  test("the last choice before the confirmation counts", async () => {
    const store = await open();
    await ask(store, 0);
    const first = await lastToken("confirm");
    await ask(store, 1, { frequency: "daily", topics: [] });
    expect(await confirm(store, first, at(2))).toMatchObject({
      subscription: { frequency: "daily", topics: [], status: "active" },
    });
  });

  test("who left and asks again is asked again, and old links do not bring one back", async () => {
    const store = await open();
    await ask(store, 0);
    const old = await lastToken("confirm");
    const confirmed = await confirm(store, old, at(1));
    if (confirmed.link !== "valid" || confirmed.tokens === undefined) throw new Error("no tokens");
    await unsubscribe(store, confirmed.tokens.unsubscribe, at(2));
    expect(await confirm(store, old, at(3))).toMatchObject({ subscription: { status: "stopped" } });
    await ask(store, 4);
    expect(await store.db.select().from(subscribers)).toMatchObject([{ status: "pending" }]);
    expect(await confirm(store, await lastToken("confirm"), at(5))).toMatchObject({
      subscription: { status: "active" },
    });
  });

  test("an address is written to a few times an hour, subscribed or not", async () => {
    const store = await open();
    for (const minutes of [0, 10, 20, 30, 40]) await ask(store, minutes);
    expect(server.received).toHaveLength(requestLimit);
    await confirm(store, await lastToken("confirm"), at(50));
    await ask(store, 59);
    expect(server.received).toHaveLength(requestLimit);
    for (const minutes of [60, 61]) await ask(store, minutes);
    expect(server.received).toHaveLength(requestLimit + 1);
    await ask(store, 61, { email: "bob@example.org" });
    expect(server.received).toHaveLength(requestLimit + 2);
  });

  test("requests at the same time make one subscriber and no more mails", async () => {
    const store = await open();
    const emails = ["ada@example.org", "Ada@EXAMPLE.org", "bob@example.org"];
    await Promise.all(
      Array.from({ length: 24 }, (_, i) => ask(store, 0, { email: emails[i % emails.length] })),
    );
    expect(await store.db.select().from(subscribers)).toHaveLength(2);
    expect(server.received).toHaveLength(2 * requestLimit);
  });

  test("what cannot be asked for leaves no trace", async () => {
    const store = await open();
    for (const about of [
      { email: "ada@example.org\r\nBcc: eve@example.org" },
      { frequency: "hourly" },
      { topics: ["optimisation", "Visit https://evil.example"] },
      { topics: Array.from({ length: 1001 }, () => "optimisation") },
    ]) {
      await expect(ask(store, 0, about)).rejects.toThrow(RequestError);
    }
    expect(await store.db.select().from(subscribers)).toEqual([]);
    expect(server.received).toEqual([]);
  });

  test("a mail that cannot be sent is an error, whatever is known of the address", async () => {
    const store = await open();
    server.stages = {
      recipient() {
        throw reply(451, "4.3.0 try later");
      },
    };
    await expect(ask(store, 0)).rejects.toThrow(SendError);
    server.stages = {};
    await ask(store, 1);
    await confirm(store, await lastToken("confirm"), at(2));
    server.stages = {
      recipient() {
        throw reply(451, "4.3.0 try later");
      },
    };
    await expect(ask(store, 3)).rejects.toThrow(SendError);
  });

  test("addresses that nobody confirmed are forgotten with their links, others are kept", async () => {
    const store = await open();
    const day = 24 * 60;
    await ask(store, 0);
    await confirm(store, await lastToken("confirm"), at(1));
    await ask(store, 0, { email: "bob@example.org" });
    await ask(store, day, { email: "carol@example.org" });
    await ask(store, 2 * day, { email: "bob@example.org" });
    expect(await forgetUnconfirmed(store, at(4 * day + 1))).toBe(1);
    const left = await store.db.select({ key: subscribers.emailKey }).from(subscribers);
    expect(left.map(({ key }) => key).sort()).toEqual(["ada@example.org", "bob@example.org"]);
  });
});
