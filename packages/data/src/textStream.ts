/** Bytes from anywhere as text in large pieces: compressed or not, once or again. */
import { refuseGzip } from "./compressed.ts";
import { count, type Place, refuse } from "./errors.ts";

/**
 * Where bytes come from. A function opens the source again, so that it can be read twice; a stream
 * can be read once.
 */
export type ByteSource =
  | string
  | Uint8Array
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>
  | (() => AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>);

export interface TextSource {
  /** The text from its start. */
  read(): AsyncGenerator<string>;
  /** Whether `read` works a second time. */
  canReadAgain(): boolean;
}

const pieceLength = 2 ** 18; // characters: long enough that the work per piece does not count

/** How much of a stream is kept, so that it can be read again. */
export const keptBytes = 64 * 2 ** 20;

/**
 * A source as text: gzip is recognised by its first two bytes, a byte order mark is dropped.
 * `encoding` is a label of the Encoding Standard, such as "windows-1252"; of a stream, `keep` bytes
 * are kept for a second reading.
 */
export function textSource(
  source: ByteSource,
  { encoding = "utf-8", keep = keptBytes }: { encoding?: string; keep?: number },
  place: Place,
): TextSource {
  if (typeof source === "string") {
    const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
    return { read: () => slices(text), canReadAgain: () => true };
  }
  const decode = (bytes: AsyncIterable<Uint8Array>) =>
    decoded(uncompressed(bytes, place), encoding, place);
  if (source instanceof Uint8Array)
    return { read: () => decode(once(source)), canReadAgain: () => true };
  if (typeof source === "function")
    return { read: () => decode(chunksOf(source())), canReadAgain: () => true };
  const recording = record(chunksOf(source), keep);
  return { read: () => decode(recording.read()), canReadAgain: recording.canReadAgain };
}

async function* slices(text: string): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += pieceLength)
    yield text.slice(start, start + pieceLength);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  // In pieces, so that the text of a large file is never in memory at once.
  for (let start = 0; start < bytes.length; start += pieceLength)
    yield bytes.subarray(start, start + pieceLength);
}

/** The chunks of a stream. Not every browser's streams can be iterated, so they are asked for a reader. */
async function* chunksOf(
  stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (!("getReader" in stream)) {
    yield* stream;
    return;
  }
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined); // the reader stopped early: let the source go
  }
}

/** A stream that remembers what it gave, as long as that is not much. */
function record(chunks: AsyncGenerator<Uint8Array>, most: number) {
  let kept: Uint8Array[] | undefined = [];
  let size = 0;
  let ended = false;
  async function* first(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > most) kept = undefined;
      kept?.push(new Uint8Array(chunk)); // the source may reuse its buffer
      yield chunk;
    }
    ended = true;
  }
  async function* again(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  return {
    read: () => (ended && kept !== undefined ? again(kept) : first()),
    canReadAgain: () => kept !== undefined,
  };
}

async function* uncompressed(
  chunks: AsyncIterable<Uint8Array>,
  place: Place,
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let first = await iterator.next();
  let head: Uint8Array = new Uint8Array(0);
  while (!first.done && head.length < 2) {
    head = joined(head, first.value);
    if (head.length < 2) first = await iterator.next();
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      for (let next = await iterator.next(); !next.done; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  if (!(head[0] === 0x1f && head[1] === 0x8b)) {
    yield* all();
    return;
  }
  const source = all();
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  const inflated = chunksOf(compressed.pipeThrough(new DecompressionStream("gzip")));
  try {
    while (true) {
      const { done, value } = await inflated
        .next()
        .catch((error: unknown) => refuseGzip(error, place.file ?? "table"));
      if (done) return;
      yield value;
    }
  } finally {
    await inflated.return(undefined);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
  place: Place,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let bytes = 0;
  let text = "";
  for await (const chunk of chunks) {
    decoder ??= decoderFor(chunk, encoding, place);
    text += decodeChunk(decoder, chunk, bytes, place);
    bytes += chunk.length;
    if (text.length < pieceLength) continue;
    yield text;
    text = "";
  }
  if (decoder !== undefined) text += decodeChunk(decoder, undefined, bytes, place);
  if (text !== "") yield text;
}

function decoderFor(start: Uint8Array, encoding: string, place: Place): TextDecoder {
  // Spreadsheets that save "Unicode text" write UTF-16 with a mark.
  const mark = start[0] * 256 + start[1];
  const label = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : encoding;
  try {
    return new TextDecoder(label, { fatal: true });
  } catch (error) {
    return refuse(`"${label}" is not an encoding this reader knows`, place, error);
  }
}

function decodeChunk(
  decoder: TextDecoder,
  chunk: Uint8Array | undefined,
  before: number,
  place: Place,
): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch (error) {
    const where = `in the ${count(chunk?.length ?? 0)} bytes after byte ${count(before)}`;
    return refuse(
      `the text is not ${decoder.encoding} (${where}); save it as UTF-8, or name its encoding, such as { encoding: "windows-1252" }`,
      place,
      error,
    );
  }
}
