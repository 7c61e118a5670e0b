/** A server for the harness page: static files, data sets, and the headers that the site sends. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type DataFile, dataSets } from "@etude/data";
import { nodeSource } from "@etude/data/files";
import { loadPaper } from "@etude/papers";
import { describePaper } from "../../src/lib/worker/describe.ts";

export interface HarnessServer {
  readonly url: string;
  /** "GET /index.html", one a request, in the order they came. */
  readonly requests: readonly string[];
  /** What `/recorded/<slug>` answers. */
  recorded: unknown;
  close(): Promise<void>;
}

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'",
};

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

export async function serveHarness(folder: string): Promise<HarnessServer> {
  const requests: string[] = [];
  const harness = { recorded: null as unknown };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, folder, harness).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(harness, {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  harness: { readonly recorded: unknown },
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const [, first, ...rest] = decodeURIComponent(pathname).split("/");
  const content = await contentOf(first, rest.join("/"), pathname, folder, harness);
  if (content === undefined) response.statusCode = 404;
  response.setHeader("Content-Type", types[path.extname(pathname) || ".html"] ?? "text/plain");
  response.end(content);
}

async function contentOf(
  first: string,
  rest: string,
  pathname: string,
  folder: string,
  { recorded }: { readonly recorded: unknown },
): Promise<Uint8Array | string | undefined> {
  if (first === "about") return JSON.stringify(describePaper(await loadPaper(rest)));
  if (first === "recorded") return JSON.stringify(recorded);
  if (first === "data") {
    const file = files.get(rest);
    const isHere = file !== undefined && here.has(await source.place(file));
    return isHere ? source.bytes(file) : undefined;
  }
  const place = path.join(folder, path.normalize(pathname === "/" ? "/index.html" : pathname));
  return readFile(place).catch(() => undefined);
}

/** Only what is on this machine: tests ask no network. */
const source = nodeSource({ offline: true });
const here = new Set(["shipped", "package", "cached", "mirror"]);
const files = new Map<string, DataFile>(
  dataSets().flatMap((set) => set.files.map((file): [string, DataFile] => [file.path, file])),
);
