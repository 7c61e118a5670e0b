/** Where the bytes of data sets come from, and how they are known to be the right ones. */
import { count, DataError, refuse } from "../errors.ts";
import { gunzip } from "./gunzip.ts";
import type { DataFile } from "./record.ts";

export interface Progress {
  /** Path of the file in the catalogue. */
  readonly file: string;
  /** Bytes that are here. */
  readonly bytes: number;
  /** Bytes of the whole file. */
  readonly total: number;
}

export interface SourceOptions {
  /** Called as bytes arrive over the network. */
  readonly progress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Where a file is, or how it would come here. */
export type Whereabouts = "shipped" | "package" | "cached" | "mirror" | "fetch" | "missing";

/**
 * Something that has the files of the catalogue. `bytes` gives a file as it is stored or
 * uncompressed, whichever is at hand, and has checked it.
 */
export interface DataSource {
  bytes(file: DataFile, options?: SourceOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Where a file is, without loading it; a source that cannot tell leaves this out. */
  place?(file: DataFile): Promise<Whereabouts>;
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether bytes are a file of the catalogue, compressed or not; else what is wrong with them. */
export async function judge(
  file: DataFile,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ right: true } | { right: false; expected: string; found: string }> {
  const found = await sha256(bytes);
  if (found === file.sha256 || found === file.content?.sha256) return { right: true };
  // The same content compressed by another program is as good.
  if (file.content !== undefined && isGzip(bytes)) {
    const content = await gunzip(bytes).catch(() => undefined);
    if (content !== undefined && (await sha256(content)) === file.content.sha256)
      return { right: true };
  }
  return {
    right: false,
    expected: `${count(file.bytes)} bytes with SHA-256 ${file.sha256}`,
    found: `${count(bytes.length)} bytes with SHA-256 ${found}`,
  };
}

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The content of a file: unpacked if it is packed. */
export const contentOf = async (
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> =>
  isGzip(bytes)
    ? gunzip(bytes).catch((error) => refuse("cannot be unpacked", { file: path }, error))
    : bytes;

/**
 * A source for browsers: a function that gets a file, and a check of what it got.
 *
 * @param fetchBytes gets a file by its path in the catalogue, say from a folder of the web site
 * @example
 * const source = checkedSource(async (file, { signal } = {}) => {
 *   const response = await fetch(`/data/${file.path}`, { signal });
 *   if (!response.ok) throw new Error(`${response.status} for ${file.path}`);
 *   return new Uint8Array(await response.arrayBuffer());
 * });
 * const flowers = await loadTable("iris", { source });
 */
export const checkedSource = (fetchBytes: DataSource["bytes"]): DataSource => ({
  async bytes(file, options) {
    const bytes = await fetchBytes(file, options);
    const verdict = await judge(file, bytes);
    if (verdict.right) return bytes;
    throw new DataError(`expected ${verdict.expected}, found ${verdict.found}`, {
      file: file.path,
    });
  },
});
