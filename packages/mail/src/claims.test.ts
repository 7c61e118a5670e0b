import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore, type Store, subscribers } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { findServer, serverDatabases } from "../../store/src/testing/serverDatabases.ts";
import { ClaimLost, claimNext, noteHandOver, noteSent, recover } from "./claims.ts";
import { lease } from "./outbox.ts";
import { crashAndFinish, killAndFinish } from "./testing/killing.ts";
import { addDigest, addReaders, morning, outbox } from "./testing/readers.ts";
import { smtpServer, type TestServer } from "./testing/smtpServer.ts";

eachDatabase("claims of a process that died", (open) => {
  const after = (milliseconds: number) => new Date(morning.getTime() + milliseconds);

  async function claimed(store: Store) {
    const claim = await claimNext(store, morning, 100);
    if (claim === undefined || claim instanceof Date) throw new Error("nothing was claimed");
    return claim;
  }

  test("are resolved when their lease ends: sent again only if it was not handed over", async () => {
    const store = await open();
    await addReaders(store, 3);
    await addDigest(store);
    const first = await claimed(store);
    const second = await claimed(store);
    await noteHandOver(store, second, "<2@etude.example>");
    const early = await recover(store, after(lease - 1), lease);
    expect(early).toEqual({ requeued: 0, uncertain: [] });
    const found = await recover(store, after(lease), lease);
    expect(found).toEqual({ requeued: 1, uncertain: ["<2@etude.example>"] });
    expect((await outbox(store)).map(({ status }) => status)).toEqual([
      "queued",
      "failed",
      "queued",
    ]);
    // The first process was only asleep: its claim is gone.
    await expect(noteHandOver(store, first, "<1@etude.example>")).rejects.toThrow(ClaimLost);
    // The second one had been sent after all.
    await noteSent(store, second, after(lease + 1));
    expect((await outbox(store)).map(({ status }) => status)).toEqual(["queued", "sent", "queued"]);
    expect(await claimNext(store, after(2 * lease), 100)).toMatchObject({ attempts: 1 });
    expect(await claimNext(store, after(2 * lease), 100)).toMatchObject({ attempts: 2 });
    expect(await claimNext(store, after(2 * lease), 100)).toBeUndefined();
  });

  test("do not disturb who has the claim by now", async () => {
    const store = await open();
    await addReaders(store, 1);
    await addDigest(store);
    const old = await claimed(store);
    await recover(store, after(lease), lease);
    const young = await claimNext(store, after(2 * lease), 100);
    await expect(noteHandOver(store, old, "<1@etude.example>")).rejects.toThrow(ClaimLost);
    await noteSent(store, old, after(2 * lease));
    expect(await outbox(store)).toMatchObject([{ status: "sending", attempts: 2 }]);
    expect(young).toMatchObject({ attempts: 2 });
  });

  test("of a subscriber that was deleted are gone", async () => {
    const store = await open();
    await addReaders(store, 2);
    await addDigest(store);
    const claim = await claimed(store);
    await store.db.delete(subscribers).where(eq(subscribers.id, claim.subscriber));
    await expect(noteHandOver(store, claim, "<1@etude.example>")).rejects.toThrow(ClaimLost);
    expect(await outbox(store)).toHaveLength(1);
  });

  test("killed again and again, everyone gets one copy or a reason", async () => {
    const store = await open();
    const server = await smtpServer();
    if (store.kind === "server") {
      const [readers, kills] = [110, 14];
      await addReaders(store, readers);
      await addDigest(store);
      const { rows } = await store.db.execute<{ url: string }>(
        "select 'postgres://' || current_user || '@127.0.0.1:' || inet_server_port() || '/' || current_database() as url",
      );
      await killAndFinish(server, { url: rows[0].url }, { kills, together: 2, seed: 20261125 });
      expect(await checkOutbox(store, server, readers)).toBeLessThanOrEqual(kills * 4);
    } else {
      // A folder of its own, as the open one belongs to this process.
      const folder = await mkdtemp(path.join(tmpdir(), "etude-mail-kill-"));
      const [readers, kills] = [24, 2];
      const before = await openStore({ folder });
      await addReaders(before, readers);
      await addDigest(before);
      await before.close();
      await killAndFinish(server, { folder }, { kills, together: 1, seed: 20261124 });
      const after = await openStore({ folder });
      expect(await checkOutbox(after, server, readers)).toBeLessThanOrEqual(kills * 4);
      await after.close();
      await rm(folder, { recursive: true });
    }
    await server.stop();
  });
});

const installed = findServer();

test.runIf(installed !== undefined)(
  "the database crashes again and again: everyone gets one copy or a reason",
  async () => {
    if (installed === undefined) return;
    const databases = await serverDatabases(installed);
    const server = await smtpServer();
    try {
      const url = await databases.create();
      const [readers, crashes] = [60, 3];
      const before = await openStore({ url });
      await addReaders(before, readers);
      await addDigest(before);
      await before.close();
      const crash = () => databases.crash(300);
      await crashAndFinish(server, url, { crash, crashes, seed: 20261126 });
      const after = await openStore({ url });
      expect(await checkOutbox(after, server, readers)).toBeLessThanOrEqual(crashes * 4);
      await after.close();
    } finally {
      await server.stop();
      await databases.stop();
    }
  },
  120_000,
);

/** @returns how many deliveries ended without anybody's knowing whether they arrived */
async function checkOutbox(store: Store, server: TestServer, readers: number): Promise<number> {
  const rows = await outbox(store);
  expect(rows).toHaveLength(readers);
  const copies = (address: string) =>
    server.received.filter(({ to }) => to.includes(address)).length;
  for (const { to, status, error } of rows) {
    if (status === "sent") {
      expect([to, copies(to), error]).toEqual([to, 1, null]);
    } else {
      expect([to, status]).toEqual([to, "failed"]);
      expect(error).toMatch(/^unknown: interrupted while it was sent/);
      expect(copies(to)).toBeLessThanOrEqual(1);
    }
  }
  return rows.filter(({ status }) => status === "failed").length;
}
