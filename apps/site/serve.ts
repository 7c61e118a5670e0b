/** The site as a process: built when its sources have changed, then served. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "@etude/papers/errors";
import { build } from "./build.ts";
import { securityHeaders, workerPolicy } from "./src/lib/server/headers.ts";
import { closers } from "./src/lib/server/shared.ts";

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Where the database, mails and secrets live. */
  readonly folder: string;
  /** As visitors reach the site; http://localhost:port where it is not given. */
  readonly publicUrl?: string;
  /** Proxies in front of the server, whose X-Forwarded-For tells the visitor's address. */
  readonly proxies?: number;
  /** Whether papers are read from outside, now and once an hour. */
  readonly ingest?: boolean;
  /** Jobs of the queue to compute at a time; none where it is not given. */
  readonly workers?: number;
  readonly log?: (line: string) => void;
}

export interface Serving {
  readonly url: string;
  /** Stops listening, lets answers finish, closes the database. */
  close(): Promise<void>;
}

export async function serve(options: ServeOptions): Promise<Serving> {
  const { port, host, folder, publicUrl, proxies = 0, ingest = false, workers = 0 } = options;
  const { log = () => {} } = options;
  const built = await build(log);
  const server = createServer();
  await listen(server, port, host);
  const taken = (server.address() as AddressInfo).port;
  const local = `http://localhost:${taken}`;
  process.env.ETUDE_DATA = folder;
  process.env.ETUDE_URL = publicUrl ?? process.env.ETUDE_URL ?? local;
  // The handler derives the origin of requests from these headers, which are written below.
  process.env.PROTOCOL_HEADER = "x-etude-protocol";
  process.env.BODY_SIZE_LIMIT ??= "8M";
  if (ingest) process.env.ETUDE_INGEST = "1";
  process.env.ETUDE_WORKERS = String(workers);
  // What others may reach must not show them mails with links that act for somebody.
  const isLocal = loopback.has(host) && proxies === 0 && publicUrl === undefined;
  process.env.ETUDE_LOCAL = isLocal ? "1" : "";
  if (proxies > 0) {
    process.env.ADDRESS_HEADER = "x-forwarded-for";
    process.env.XFF_DEPTH = String(proxies);
  }
  const protocol = new URL(process.env.ETUDE_URL).protocol.slice(0, -1);
  const load = () => import(pathToFileURL(path.join(built, "handler.js")).href);
  const { handler } = await load().catch(async (error) => {
    await close(server);
    throw error;
  });
  // One request that goes wrong where nobody looks must not end the others.
  process.on("unhandledRejection", (reason) => console.error("unhandled:", reason));
  server.on("request", (request, response) => {
    if (!isReadable(request.url ?? "")) return refuse(response);
    request.headers["x-etude-protocol"] = protocol;
    // Somebody who goes around the proxies: counted by the address they come from.
    if (proxies > 0) request.headers["x-forwarded-for"] ??= request.socket.remoteAddress ?? "";
    // Mail programs name no origin. The token in the address is what allows this, whoever sends it.
    if (isOneClick(request)) request.headers.origin = `${protocol}://${request.headers.host}`;
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (request.url?.startsWith("/_app/immutable/workers/"))
      response.setHeader("Content-Security-Policy", workerPolicy);
    // An answer may come before the request was read, such as a refusal: what is still on its way is taken, else the
    // connection would be reset before the answer has arrived.
    response.on("finish", () => {
      if (!request.complete) request.resume();
    });
    handler(request, response, () => {
      response.statusCode = 404;
      response.end();
    });
  });
  return { url: local, close: () => close(server) };
}

/** An address with a percent sign that encodes nothing is nobody's. */
function isReadable(url: string): boolean {
  try {
    decodeURI(url);
    return true;
  } catch {
    return false;
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(400, { "Content-Type": "text/plain; charset=utf-8" });
  response.end("This address is not well-formed.\n");
}

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

const isOneClick = ({ method, url, headers }: IncomingMessage): boolean =>
  method === "POST" &&
  headers.origin === undefined &&
  url?.startsWith("/subscribe/unsubscribe/") === true;

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE")
        reject(new UsageError(`--port ${port}: another program has it; give another, or 0`));
      else if (
        error.code === "EACCES" ||
        error.code === "ENOTFOUND" ||
        error.code === "EADDRNOTAVAIL"
      )
        reject(new UsageError(`--host ${host} --port ${port}: ${error.message}`));
      else reject(error);
    });
    server.listen(port, host, resolve);
  });
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 5_000).unref();
  });
  // What was opened last stands on what was opened before.
  for (const finish of [...closers()].reverse()) await finish();
}
