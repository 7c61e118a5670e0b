/** Papers, votes, subscribers and reports in PostgreSQL: embedded in a folder, or a server. */
export { type Database, type Store, StoreError } from "./database.ts";
export { openStore } from "./open.ts";
export * from "./schema/index.ts";
