import type { Store } from "./database.ts";
import { openEmbedded } from "./open/embedded.ts";
import { openServer } from "./open/server.ts";

/**
 * Open the store and bring its tables up to date: an embedded PostgreSQL in a folder, which is made
 * if there is none and belongs to this process until `close`, or a server, which any number of
 * processes may use.
 *
 * @throws StoreError when another living process has the folder, or the server cannot be used
 * @example
 * const store = await openStore({ folder: "data/database" });
 * const server = await openStore({ url: "postgres://etude:secret@localhost/etude" });
 */
export const openStore = (
  where: { readonly folder: string } | { readonly url: string },
): Promise<Store> => ("url" in where ? openServer(where.url) : openEmbedded(where.folder));
