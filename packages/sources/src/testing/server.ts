import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** What a server does with one request. */
export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback for a test: does what is next in `replies`, or else what it does always. */
export interface TestServer {
  /** `http://127.0.0.1:40321` */
  readonly origin: string;
  /** Replies to the next requests, once each. */
  replies: Reply[];
  /** The requests so far. */
  requests: { url: URL; headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

export async function startServer(
  always: Reply = status(404),
  tls?: { key: string; cert: string },
): Promise<TestServer> {
  const listener: RequestListener = (request, response) => {
    const url = new URL(request.url ?? "", server.origin);
    server.requests.push({ url, headers: request.headers });
    (server.replies.shift() ?? always)(request, response);
  };
  const http: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const server: TestServer = {
    origin: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    replies: [],
    requests: [],
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return server;
}

export const atomType = "application/atom+xml; charset=utf-8";
export const jsonType = "application/json; charset=utf-8";

/** A text with a content type, and whatever other headers. */
export const send =
  (type: string, body: string | Uint8Array, headers: Record<string, string> = {}): Reply =>
  (_, response) =>
    response.writeHead(200, { "content-type": type, ...headers }).end(body);

/** A status with a line that says nothing. */
export const status =
  (code: number, headers: Record<string, string> = {}): Reply =>
  (_, response) =>
    response.writeHead(code, { "content-type": "text/plain", ...headers }).end("no");

export const redirectTo = (location: string, code = 302): Reply => status(code, { location });

/** Hangs up before it answers. */
export const hangUp: Reply = (request) => request.socket.destroy();

/** Promises a body and hangs up in it. */
export const hangUpIn =
  (type: string, body: string): Reply =>
  (_, response) => {
    response.writeHead(200, { "content-type": type, "content-length": body.length * 2 });
    response.write(body, () => response.destroy());
  };
