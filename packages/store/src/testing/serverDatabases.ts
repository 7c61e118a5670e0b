import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, rm } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { openServer } from "../open/server.ts";
import type { Databases } from "./databases.ts";
import { scratchFolder } from "./scratch.ts";

/** Installed PostgreSQL, and who runs it: PostgreSQL refuses to be run by root. */
export interface InstalledServer {
  readonly bin: string;
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** The newest PostgreSQL that Debian's packages installed, if any. */
export function findServer(): InstalledServer | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  const bin = versions.map((version) => path.join(root, version, "bin")).find(hasServer);
  if (bin === undefined) return undefined;
  if (process.getuid?.() !== 0) return { bin };
  const id = (flag: string) =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim());
  return { bin, user: { uid: id("-u"), gid: id("-g") } };
}

const hasServer = (bin: string): boolean => existsSync(path.join(bin, "initdb"));

/** Databases of a server. */
export interface ServerDatabases extends Databases {
  /** Make a database, with empty tables unless it is to be bare; gives its address. */
  create(what?: "tables" | "bare"): Promise<string>;
  /** Ends the server as a crash does, and starts it again after so many milliseconds. */
  crash(away?: number): Promise<void>;
}

/** A server on a free loopback port, with its data in a temporary folder; a database for each store. */
export async function serverDatabases({ bin, user }: InstalledServer): Promise<ServerDatabases> {
  const folder = await scratchFolder("etude-postgres-");
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  await promisify(execFile)(
    path.join(bin, "initdb"),
    ["-D", folder, "-U", "etude", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-sync"],
    { ...user, cwd: folder },
  );
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
  ];
  const start = () =>
    spawn(
      path.join(bin, "postgres"),
      ["-D", folder, ...settings.flatMap((setting) => ["-c", setting])],
      { ...user, cwd: folder, stdio: "ignore" },
    );
  let server = start();
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  };
  const killServer = () => server.kill("SIGKILL");
  process.once("exit", killServer);
  const url = (database: string) => `postgres://etude@127.0.0.1:${port}/${database}`;
  await untilReady(url("postgres"));
  await (await openServer(url("template1"))).close();
  let count = 0;
  const create = async (what = "tables") => {
    count += 1;
    const template = what === "bare" ? "template0" : "template1";
    await execute(url("postgres"), `create database store${count} template ${template}`);
    return url(`store${count}`);
  };
  return {
    create,
    open: async () => openServer(await create()),
    async crash(away = 0) {
      // An immediate shutdown: nothing is written that was not, and the next start recovers.
      await end("SIGQUIT");
      await wait(away);
      server = start();
      await untilReady(url("postgres"));
    },
    async stop() {
      process.off("exit", killServer);
      // A fast shutdown: connections are ended, not waited for.
      await end("SIGINT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function untilReady(url: string): Promise<void> {
  const tries = 200;
  for (let i = 1; ; i++) {
    try {
      return await execute(url, "select 1");
    } catch (error) {
      if (i === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
