/** Sends requests to a site for some time, and keeps what went wrong. */
import { Agent, request } from "node:http";
import fc from "fast-check";
import { type FuzzRequest, type Material, requests } from "./requests.ts";

export interface Fuzzed {
  readonly sent: number;
  /** How often each status came. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that were answered with 500 or above, or not at all. */
  readonly failures: readonly { readonly request: FuzzRequest; readonly what: string }[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
/** Milliseconds that an answer may take. */
const patience = 20_000;

/**
 * Every request comes from an address of its own, so that limits do not hide what is behind them.
 *
 * @param through a connection of its own where false
 */
function send(
  site: string,
  given: FuzzRequest,
  from: number,
  through: Agent | false = agent,
): Promise<string> {
  const { method, target, headers, body } = given;
  const { hostname, port, origin } = new URL(site);
  return new Promise<string>((resolve) => {
    const own = headers.origin === "OWN" ? { ...headers, origin } : headers;
    const address = `10.${(from >> 16) & 255}.${(from >> 8) & 255}.${from & 255}`;
    const outgoing = request(
      {
        agent: through,
        hostname,
        port,
        method,
        path: target,
        headers: { ...own, "x-forwarded-for": address },
        timeout: patience,
      },
      (response) => {
        const status = String(response.statusCode);
        // A stream of events has no end; that it begins is enough.
        if (response.headers["content-type"] === "text/event-stream") {
          response.destroy();
          return resolve(status);
        }
        response.on("error", (error) => resolve(`${status}, then ${error.message}`));
        response.on("end", () => resolve(status));
        response.resume();
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer")));
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // A server may close a connection that nobody used for some seconds just when it is used again: only what a
      // new connection says counts.
      if (outgoing.reusedSocket && error.code === "ECONNRESET")
        resolve(send(site, given, from, false));
      else resolve(error.message);
    });
    outgoing.end(body);
  });
}

/**
 * Sends `count` requests, drawn from a seed.
 *
 * @param site its address; it must believe one proxy
 */
export async function fuzz(
  site: string,
  material: Material,
  { count, seed }: { count: number; seed: number },
): Promise<Fuzzed> {
  const statuses: Record<string, number> = {};
  const failures: { request: FuzzRequest; what: string }[] = [];
  const drawn = fc.sample(requests(material), { numRuns: count, seed });
  let next = 0;
  const lane = async () => {
    while (next < drawn.length) {
      const from = next++;
      const what = await send(site, drawn[from], seed * 1_000_003 + from);
      statuses[what] = (statuses[what] ?? 0) + 1;
      // 503 says that arXiv, which takes one request in three seconds, is asked too much.
      if (!/^([1-4]\d\d|503)$/.test(what)) failures.push({ request: drawn[from], what });
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return { sent: drawn.length, statuses, failures };
}
