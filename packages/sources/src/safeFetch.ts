import { Agent, type Dispatcher, request } from "undici";
import { readBody, tooLarge } from "./body.ts";
import { quote, reasonOf, SourceError } from "./errors.ts";
import { guardedConnector, type Resolve } from "./guardedConnector.ts";

/** What a server says of the version it sent; sent back to ask whether there is a newer one. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface FetchRules {
  /** Media types that are expected, e.g. `["application/json"]`. */
  readonly accept: readonly string[];
  /** Ask for the answer only if it is not this version. */
  readonly validators?: Validators;
  /** Longest body in bytes, after decompression. */
  readonly maxBytes?: number;
  /** Milliseconds for everything, redirects and the body included. */
  readonly timeout?: number;
  readonly userAgent?: string;
  /**
   * Origins that may have private addresses and no TLS, e.g. `http://127.0.0.1:8080`: for tests and
   * local mirrors only.
   */
  readonly allowPrivate?: readonly string[];
  /** How names become addresses. */
  readonly resolve?: Resolve;
  readonly signal?: AbortSignal;
}

export type Fetched =
  | { readonly unchanged: true }
  | { readonly unchanged: false; readonly text: string; readonly validators: Validators };

const maxRedirects = 5;
const maxHeaderBytes = 16_384;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * GET a text from the public internet.
 *
 * HTTPS only, to public addresses only, judged as each socket connects and again at every redirect;
 * bounded in bytes, headers, redirects and time.
 *
 * @returns the text, or `unchanged` when the server has the version of `validators` still
 * @throws SourceError in all other cases; the reason of `signal` when it is aborted
 * @example
 * await safeFetch("https://huggingface.co/api/daily_papers", { accept: ["application/json"] })
 */
export async function safeFetch(address: string | URL, rules: FetchRules): Promise<Fetched> {
  const { timeout = 30_000, allowPrivate = [], resolve, signal } = rules;
  signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(timeout);
  // One agent a call: requests are seconds apart, and no socket outlives the rules it was opened by.
  const agent = new Agent({
    connect: guardedConnector(allowPrivate, timeout, resolve),
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: timeout,
    bodyTimeout: timeout,
  });
  const either = signal ? AbortSignal.any([deadline, signal]) : deadline;
  let url = parseUrl(address);
  try {
    for (let hops = 0; ; hops++) {
      if (hops > maxRedirects)
        throw new SourceError(`redirects more than ${maxRedirects} times`, { host: url.host });
      checkScheme(url, allowPrivate);
      const answer = await request(url, {
        dispatcher: agent,
        signal: either,
        headers: headersOf(rules),
      });
      if (!redirects.has(answer.statusCode)) return await read(answer, url.host, rules);
      url = target(url, answer);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SourceError) throw error;
    const problem = deadline.aborted
      ? `no complete answer within ${timeout / 1000} s`
      : reasonOf(error);
    throw new SourceError(problem, { host: url.host, transient: true }, { cause: error });
  } finally {
    await agent.destroy();
  }
}

function parseUrl(address: string | URL, base?: URL): URL {
  try {
    return new URL(address, base);
  } catch (cause) {
    throw new SourceError(
      `${quote(String(address))} is not a URL`,
      { host: base?.host },
      { cause },
    );
  }
}

function checkScheme(url: URL, allowPrivate: readonly string[]): void {
  const { protocol, host, origin } = url;
  if (protocol !== "https:" && !(protocol === "http:" && allowPrivate.includes(origin)))
    throw new SourceError(`${quote(url.href)} is not fetched: only https is`, { host });
  if (url.username !== "" || url.password !== "")
    throw new SourceError("an address with a user name or a password is not fetched", { host });
}

function target(from: URL, { headers }: Dispatcher.ResponseData): URL {
  const location = one(headers.location);
  if (location === undefined)
    throw new SourceError("redirects without saying where to", { host: from.host });
  const to = parseUrl(location, from);
  if (from.protocol === "https:" && to.protocol !== "https:")
    throw new SourceError(`redirects from https to ${quote(to.href)}`, { host: from.host });
  return to;
}

function headersOf({ accept, validators, userAgent = "etude/0.1" }: FetchRules) {
  const { etag, lastModified } = validators ?? {};
  return {
    accept: accept.join(", "),
    "accept-encoding": "gzip",
    "user-agent": userAgent,
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(lastModified !== undefined && { "if-modified-since": lastModified }),
  };
}

async function read(
  { statusCode: status, statusText, headers, body }: Dispatcher.ResponseData,
  host: string,
  rules: FetchRules,
): Promise<Fetched> {
  const { accept, validators, maxBytes = 8_000_000 } = rules;
  const isConditional = validators?.etag !== undefined || validators?.lastModified !== undefined;
  if (status === 304 && isConditional) return { unchanged: true };
  const expected = `expected ${accept.join(" or ")}`;
  if (status !== 200)
    throw new SourceError(`answered ${`${status} ${statusText}`.trim()}; ${expected}`, {
      host,
      status,
      transient: status >= 500 || status === 429 || status === 408,
      retryAfter: one(headers["retry-after"]),
    });

  const problem = (what: string) =>
    // A gateway's page of apology: the next answer may be the right one.
    new SourceError(`sent ${what}; ${expected}`, { host, status, transient: true });
  const type = one(headers["content-type"]) ?? "";
  if (!isExpected(type, accept)) throw problem(type === "" ? "no content type" : quote(type));
  const encoding = (one(headers["content-encoding"]) ?? "identity").trim().toLowerCase();
  if (encoding !== "gzip" && encoding !== "identity")
    throw problem(`the content encoding ${quote(encoding)}, which was not asked for`);
  if (Number(one(headers["content-length"])) > maxBytes) throw tooLarge(host, maxBytes);

  const text = await readBody(body, { encoding, maxBytes, host });
  const etag = one(headers.etag);
  const lastModified = one(headers["last-modified"]);
  return {
    unchanged: false,
    text,
    validators: { ...(etag && { etag }), ...(lastModified && { lastModified }) },
  };
}

/** Of a header that should come once, the first. */
const one = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

function isExpected(contentType: string, accept: readonly string[]): boolean {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)/.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  return accept.includes(type.trim()) && /^(utf-?8|us-ascii)$/.test(charset ?? "utf-8");
}
