/** Files over the network to the disk (Node only): resumed, retried, checked, and whole or not there. */
import { open, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { count, DataError, reasonOf } from "../errors.ts";
import { makeFolderFor, readBytes, StorageError, settle, storing } from "./cache.ts";
import { claimPart, releasePart, sweepParts } from "./parts.ts";
import type { DataFile } from "./record.ts";
import { judge, type SourceOptions } from "./source.ts";

export interface FetchOptions extends SourceOptions {
  /** How often an address is tried. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; doubled before each further one. */
  readonly backOff?: number;
  /** Milliseconds without a byte after which an attempt is given up. */
  readonly patience?: number;
}

/**
 * Fetch a file from the first of several addresses that has it.
 *
 * What arrives is kept in a `.part` file beside the target and checked before it gets the target's
 * name; an interrupted download goes on where it stopped if the server can send ranges. Several
 * processes may fetch the same file at once: each writes its own part.
 *
 * @throws DataError when no address gave the right bytes, or the disk refused them; the reason of
 * `signal` when it is aborted
 */
export async function fetchFile(
  file: DataFile,
  urls: readonly string[],
  target: string,
  options: FetchOptions = {},
): Promise<void> {
  await makeFolderFor(target);
  const reasons: string[] = [];
  for (const url of urls) {
    const part = await claimPart(target, url);
    try {
      await fill(part, url, file, options);
      await settle(part, target);
      await sweepParts(target);
      return;
    } catch (error) {
      await releasePart(part);
      options.signal?.throwIfAborted();
      if (error instanceof StorageError) throw error;
      reasons.push(`${url}: ${reasonOf(error)}`);
    }
  }
  throw new DataError(reasons.join("; "), { file: file.path });
}

/** The address does not have the file; asking again would not help. */
class Refusal extends DataError {}

async function fill(
  part: string,
  url: string,
  file: DataFile,
  options: FetchOptions,
): Promise<void> {
  const { attempts = 5, backOff = 500, signal } = options;
  if (await isComplete(part, file)) return; // only its name was missing
  let startedAgain = false;
  for (let attempt = 1; ; attempt++) {
    let wait = backOff * 2 ** (attempt - 1);
    try {
      const { resumed } = await transfer(part, url, file, options);
      const verdict = await judge(file, await readBytes(part));
      if (verdict.right) return;
      await rm(part, { force: true });
      // Pieced together from two versions of a file, perhaps: once more from the start.
      if (!resumed || startedAgain)
        throw new Refusal(`expected ${verdict.expected}, found ${verdict.found}; it was deleted`);
      startedAgain = true;
      wait = 0;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DataError || attempt >= attempts) throw error;
      if (error instanceof Busy) wait = Math.max(wait, error.retryAfter);
    }
    await sleep(wait, undefined, { signal });
  }
}

async function isComplete(part: string, file: DataFile): Promise<boolean> {
  const size = (await stat(part).catch(() => undefined))?.size;
  if (size === undefined || (size !== file.bytes && size !== file.content?.bytes)) return false;
  return (await judge(file, await readBytes(part))).right;
}

/** The server asks to come again later. */
class Busy extends Error {
  readonly retryAfter: number;
  constructor(response: Response) {
    super(`the server answers ${response.status} ${response.statusText}`.trim());
    const seconds = Number(response.headers.get("retry-after"));
    this.retryAfter = Number.isFinite(seconds) ? Math.min(seconds * 1000, 30_000) : 0;
  }
}

/** One request: append to the part what it does not have yet. */
async function transfer(
  part: string,
  url: string,
  file: DataFile,
  { signal, progress, patience = 30_000 }: FetchOptions,
): Promise<{ resumed: boolean }> {
  const have = (await stat(part).catch(() => undefined))?.size ?? 0;
  const impatient = new AbortController();
  const giveUp = () => impatient.abort(new Error(`nothing came for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  try {
    const response = await fetch(url, {
      // Packed by the server on the way, the bytes could neither be counted nor resumed.
      headers: { "accept-encoding": "identity", ...(have > 0 && { range: `bytes=${have}-` }) },
      signal: AbortSignal.any([impatient.signal, ...(signal ? [signal] : [])]),
    });
    const unpacked = response.headers.has("content-encoding");
    const resumed = response.status === 206 && have > 0;
    const unusable =
      response.status === 416 || (resumed && (unpacked || startOf(response) !== have));
    if (have > 0 && unusable) {
      await response.body?.cancel();
      await rm(part, { force: true });
      throw new Error(`the server cannot go on at byte ${count(have)}`);
    }
    if (!response.ok || response.body === null) throw await refusalOf(response);

    let bytes = resumed ? have : 0;
    const length = response.headers.get("content-length");
    const total = length === null || unpacked ? undefined : bytes + Number(length);
    const handle = await storing(part, () => open(part, resumed ? "a" : "w"));
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        await storing(part, () => handle.writeFile(chunk));
        bytes += chunk.length;
        progress?.({ file: file.path, bytes, total: total ?? Math.max(file.bytes, bytes) });
        timer = setTimeout(giveUp, patience);
      }
    } finally {
      await storing(part, () => handle.close());
      // What was unpacked on the way cannot be resumed by counting bytes.
      if (unpacked && bytes < (file.content?.bytes ?? 0)) await rm(part, { force: true });
    }
    if (total !== undefined && bytes < total)
      throw new Error(`the connection ended after ${count(bytes)} of ${count(total)} bytes`);
    return { resumed };
  } catch (error) {
    if (impatient.signal.aborted) throw impatient.signal.reason;
    throw error instanceof TypeError ? new Error(networkReason(error), { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** First byte of a partial answer, from "bytes 500-999/1000". */
const startOf = (response: Response): number =>
  Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? -1);

async function refusalOf(response: Response): Promise<Error> {
  await response.body?.cancel();
  const { status, statusText } = response;
  if (status >= 500 || status === 429 || status === 408) return new Busy(response);
  return new Refusal(`the server answers ${status} ${statusText}`.trim());
}

/** `fetch` says "fetch failed" or "terminated" and keeps what happened in the cause. */
function networkReason(error: TypeError): string {
  const { cause } = error;
  return cause instanceof Error && cause.message !== ""
    ? `${error.message}, ${cause.message}`
    : error.message;
}
