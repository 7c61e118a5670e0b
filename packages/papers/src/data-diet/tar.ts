/** A folder as one file: a tar archive (POSIX.1-1988, "ustar"), which every system can unpack. */

export interface ArchivedFile {
  /** With slashes between folders. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const block = 512;

/**
 * The bytes of an archive. Times and owners are left at zero, so that equal files give equal bytes.
 *
 * @throws RangeError for a path that the format cannot hold: a name above 100 bytes of UTF-8, or
 * folders above 155
 */
export function tarArchive(files: readonly ArchivedFile[]): Uint8Array<ArrayBuffer> {
  const padded = (length: number) => Math.ceil(length / block) * block;
  const total = files.reduce((sum, { bytes }) => sum + block + padded(bytes.length), 2 * block);
  const archive = new Uint8Array(total);
  let at = 0;
  for (const { path, bytes } of files) {
    archive.set(header(path, bytes.length), at);
    archive.set(bytes, at + block);
    at += block + padded(bytes.length);
  }
  return archive; // It ends with two blocks of zeros.
}

function header(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(block);
  const encoder = new TextEncoder();
  const put = (text: string, at: number) => bytes.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  const slash = path.lastIndexOf("/");
  const [folder, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
  if (encoder.encode(name).length > 100 || encoder.encode(folder).length > 155)
    throw new RangeError(`tar: the path "${path}" is too long for this format`);
  put(name, 0);
  put(octal(0o644, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(0, 11), 136);
  put("        ", 148); // The checksum counts itself as spaces.
  put("0", 156); // a plain file
  put("ustar\u000000", 257);
  put(folder, 345);
  const checksum = bytes.reduce((sum, byte) => sum + byte, 0);
  put(`${octal(checksum, 6)}\u0000 `, 148);
  return bytes;
}
