import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StoreError } from "../database.ts";
import { openStore } from "../open.ts";
import { papers } from "../schema/index.ts";
import { findServer, type ServerDatabases, serverDatabases } from "../testing/serverDatabases.ts";

const installed = findServer();

describe.runIf(installed !== undefined)("a store on a server", () => {
  let databases: ServerDatabases;
  beforeAll(async () => {
    if (installed !== undefined) databases = await serverDatabases(installed);
  });
  afterAll(() => databases?.stop());

  test("is made by the first of several that start at once", async () => {
    const url = await databases.create("bare");
    const stores = await Promise.all(Array.from({ length: 5 }, () => openStore({ url })));
    for (const store of stores) {
      expect(await store.db.$count(papers)).toBe(0);
      await store.close();
    }
    await (await openStore({ url })).close();
  });

  test("survives that its idle connections are ended", async () => {
    const store = await openStore({ url: await databases.create() });
    await Promise.all(Array.from({ length: 5 }, () => store.db.$count(papers)));
    await store.db.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()",
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await store.db.$count(papers)).toBe(0);
    await store.close();
  });
});

test("a server that is not there is named, without the password", async () => {
  const attempt = openStore({ url: "postgres://etude:secret@127.0.0.1:1/etude" });
  await expect(attempt).rejects.toThrow("cannot connect to PostgreSQL at 127.0.0.1:1/etude: ");
  await expect(attempt).rejects.not.toThrow("secret");
  await expect(attempt).rejects.toBeInstanceOf(StoreError);
  await expect(openStore({ url: "x y" })).rejects.toThrow("PostgreSQL at the given address: ");
});
