import { type Store, subscribers } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { expect, test } from "vitest";
import { RequestError } from "./errors.ts";
import { type Purpose, signToken } from "./links.ts";
import { change, confirm, look, revokeLinks, unsubscribe } from "./management.ts";
import type { Subscriber } from "./subscriptions.ts";
import { addReaders, morning } from "./testing/readers.ts";

const later = (days: number) => new Date(morning.getTime() + days * 86_400_000);
const weekly = { frequency: "weekly", topics: ["tabular"] };

async function reader(store: Store, about: Partial<Subscriber> = {}) {
  const [subscriber] = await addReaders(store, 1, about);
  const token = (purpose: Purpose) => signToken(purpose, subscriber, morning);
  return { subscriber, token };
}

const stored = async (store: Store) => (await store.db.select().from(subscribers))[0];

eachDatabase("links", (open) => {
  test("change how often and about what", async () => {
    const store = await open();
    const { token } = await reader(store);
    const outcome = await change(store, token("manage"), weekly, later(1));
    expect(outcome).toMatchObject({ link: "valid", subscription: { ...weekly, status: "active" } });
    expect(await stored(store)).toMatchObject({ ...weekly, status: "active" });
    const nonsense = { frequency: "never", topics: [] };
    await expect(change(store, token("manage"), nonsense, later(1))).rejects.toThrow(RequestError);
  });

  test("unsubscribe, again and again, also after years", async () => {
    const store = await open();
    const { token } = await reader(store);
    for (const days of [1, 1, 2000]) {
      const outcome = await unsubscribe(store, token("unsubscribe"), later(days));
      expect(outcome).toMatchObject({ link: "valid", subscription: { status: "stopped" } });
      // Such a link may be forwarded with the mail: it does not lead on to others.
      expect(outcome).not.toHaveProperty("tokens");
    }
    expect(await stored(store)).toMatchObject({ status: "stopped" });
    await change(store, token("manage"), weekly, later(1));
    expect(await stored(store)).toMatchObject({ ...weekly, status: "stopped" });
  });

  test("serve their own purpose only, and change nothing otherwise", async () => {
    const store = await open();
    const { subscriber, token } = await reader(store, { status: "pending" });
    const acts: Record<Purpose, (token: string) => Promise<{ link: string }>> = {
      confirm: (text) => confirm(store, text, later(1)),
      manage: (text) => change(store, text, weekly, later(1)),
      unsubscribe: (text) => unsubscribe(store, text, later(1)),
    };
    const purposes = ["confirm", "manage", "unsubscribe"] as const;
    for (const purpose of purposes) {
      for (const other of purposes.filter((each) => each !== purpose)) {
        expect(await acts[purpose](token(other))).toEqual({ link: "invalid" });
      }
      for (const text of ["", "1.2.3", token(purpose).replace(/^\d+/, "2147483647")]) {
        expect(await acts[purpose](text)).toEqual({ link: "invalid" });
      }
    }
    expect(await stored(store)).toEqual(subscriber);
  });

  test("expire", async () => {
    const store = await open();
    const { subscriber, token } = await reader(store, { status: "pending" });
    expect(await confirm(store, token("confirm"), later(3))).toEqual({ link: "expired" });
    expect(await change(store, token("manage"), weekly, later(400))).toEqual({ link: "expired" });
    expect(await stored(store)).toEqual(subscriber);
  });

  test("can all be taken back", async () => {
    const store = await open();
    const { token } = await reader(store);
    const outcome = await revokeLinks(store, token("manage"), later(1), new Uint8Array(32));
    for (const purpose of ["confirm", "manage", "unsubscribe"] as const) {
      expect(await look(store, purpose, token(purpose), later(1))).toEqual({ link: "invalid" });
    }
    if (outcome.link !== "valid" || outcome.tokens === undefined) throw new Error("no tokens");
    const { manage } = outcome.tokens;
    expect(await look(store, "manage", manage, later(2))).toMatchObject({ link: "valid" });
  });

  test("followed at the same time, leave one of the states that were asked for", async () => {
    const store = await open();
    const { token } = await reader(store);
    await Promise.all([
      ...Array.from({ length: 10 }, () => unsubscribe(store, token("unsubscribe"), later(1))),
      ...Array.from({ length: 10 }, () => change(store, token("manage"), weekly, later(1))),
      ...Array.from({ length: 10 }, () => confirm(store, token("confirm"), later(1))),
    ]);
    expect(await stored(store)).toMatchObject({ ...weekly, status: "stopped" });
  });
});
