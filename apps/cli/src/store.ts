/** The store of the site, for commands that work on it. */
import path from "node:path";
import type { Store } from "@etude/store";

/** Flags of every command that opens the store. */
export const storeFlags = {
  data: {
    type: "text",
    describe: "Folder of the site's data",
    otherwise: "data; DATABASE_URL names a server instead",
  },
} as const;

/** @throws StoreError where another process has the embedded database, or a server cannot be used */
export async function withStore<R>(
  { data = "data" }: { readonly data?: string | undefined },
  folder: string,
  work: (store: Store) => Promise<R>,
): Promise<R> {
  const { openStore } = await import("@etude/store");
  const url = process.env.DATABASE_URL;
  const place = path.join(path.resolve(folder, data), "database");
  const store = await openStore(url ? { url } : { folder: place });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
