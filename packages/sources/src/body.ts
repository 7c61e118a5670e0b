import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { count, SourceError } from "./errors.ts";

/** More came than the limit allows. */
export const tooLarge = (host: string, maxBytes: number): SourceError =>
  new SourceError(`sends more than ${count(maxBytes)} bytes, the limit`, { host });

/**
 * The whole body of an answer, unpacked, unless it is longer than `maxBytes`.
 *
 * It is read strictly: what gzip cannot read to its end is an error, not the part before.
 */
export async function readBody(
  body: Readable,
  { encoding, maxBytes, host }: { encoding: string; maxBytes: number; host: string },
): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const gather = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(host, maxBytes);
      chunks.push(chunk);
    }
  };
  try {
    if (encoding === "gzip") await pipeline(body, createGunzip(), gather);
    else await pipeline(body, gather);
  } catch (error) {
    if (!isOfZlib(error)) throw error;
    const problem = `sent gzip that cannot be unpacked, ${error.message}`;
    throw new SourceError(problem, { host, transient: true }, { cause: error });
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const isOfZlib = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
