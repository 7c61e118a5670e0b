/** Where the migrations are; both drivers run them with Drizzle's migrator. */
import { fileURLToPath } from "node:url";

export const migrationsFolder = fileURLToPath(new URL("../../migrations", import.meta.url));
