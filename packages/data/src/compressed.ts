/** Whole files in memory that may have come gzipped. */
import { refuse } from "./errors.ts";

/**
 * The bytes themselves, or what they hold if they begin like a gzip file.
 *
 * @throws DataError when gzip data are damaged or cut short
 */
export async function unzipped(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  try {
    const compressed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    const content = compressed.pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(content).arrayBuffer());
  } catch (error) {
    return refuseGzip(error, file);
  }
}

/** What the decompressor of the platform says does not tell damage from an end too early or too late. */
export const refuseGzip = (error: unknown, file: string): never =>
  refuse(
    `the gzip data are damaged, cut short, or several files joined into one; fetch the file again, or unpack it first`,
    { file },
    error,
  );
