import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openStore, type Store, subscribers } from "@etude/store";
import { eachDatabase } from "@etude/store/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { ClaimLost, claimNext, noteHandOver, noteSent, recover } from "./claims.ts";
import { lease } from "./outbox.ts";
import { killAndFinish } from "./testing/killing.ts";
import { addDigest, addReaders, morning, outbox } from "./testing/readers.ts";
import { smtpServer, type TestServer } from "./testing/smtpServer.ts";

eachDatabase("soak", (open) => {
  test.each([1, 2, 3, 4, 5, 6])("soak %d", async (seed) => {
    const store = await open();
    const server = await smtpServer();
    if (store.kind === "server") {
      const [readers, kills] = [200, 24];
      await addReaders(store, readers);
      await addDigest(store);
      const { rows } = await store.db.execute<{ url: string }>(
        "select 'postgres://' || current_user || '@127.0.0.1:' || inet_server_port() || '/' || current_database() as url",
      );
      await killAndFinish(server, { url: rows[0].url }, { kills, together: 2, seed: seed });
      const n = await checkOutbox(store, server, readers);
      console.log("uncertain", n);
      expect(n).toBeLessThanOrEqual(kills * 4);
    } else if (seed <= 3) {
      // A folder of its own, as the open one belongs to this process.
      const folder = await mkdtemp(path.join(tmpdir(), "etude-mail-kill-"));
      const [readers, kills] = [60, 4];
      const before = await openStore({ folder });
      await addReaders(before, readers);
      await addDigest(before);
      await before.close();
      await killAndFinish(server, { folder }, { kills, together: 1, seed: seed + 100 });
      const after = await openStore({ folder });
      const n = await checkOutbox(after, server, readers);
      console.log("uncertain", n);
      expect(n).toBeLessThanOrEqual(kills * 4);
      await after.close();
      await rm(folder, { recursive: true });
    }
    console.log(store.kind, seed, "received", server.received.length);
    await server.stop();
  });
});

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
