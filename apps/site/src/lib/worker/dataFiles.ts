/** The files of the catalogue, from the site itself. */
import {
  checkedSource,
  DataError,
  type DataFile,
  type DataLoader,
  type DataSource,
  dataLoader,
  dataSet,
  showBytes,
} from "@etude/data";

export interface DataFilesOptions {
  readonly signal: AbortSignal;
  /** Told what is on its way, as a line. */
  readonly tell: (label: string) => void;
}

/** Where the site has a file of the catalogue. */
export const addressOf = (path: string): string =>
  `/data/${path.split("/").map(encodeURIComponent).join("/")}`;

/**
 * A source whose bytes are fetched from the same origin and checked against the catalogue.
 *
 * @throws DataError naming the file when the site does not have it, or the connection breaks
 */
export const siteSource = ({ signal, tell }: DataFilesOptions): DataSource =>
  checkedSource(async (file) => {
    tell(`fetching ${file.path}`);
    const response = await fetch(addressOf(file.path), { signal, credentials: "omit" }).catch(
      (error: unknown) => refuse(file, signal, "the connection failed", error),
    );
    if (!response.ok) return refuse(file, signal, answered(response.status));
    return received(response, file, { signal, tell });
  });

/**
 * Asks whether the site has these data sets, before hours are spent on the first of them.
 *
 * @throws DataError naming those it does not have
 */
export async function checkSets(ids: readonly string[], signal: AbortSignal): Promise<void> {
  const present = await Promise.all(
    ids.map(async (id) => {
      const answers = dataSet(id).files.map(({ path }) =>
        fetch(addressOf(path), { method: "HEAD", signal, credentials: "omit" }).then(
          ({ status }) => status !== 404,
          () => true, // A connection that is down is told of where the file itself is fetched.
        ),
      );
      return (await Promise.all(answers)).every(Boolean);
    }),
  );
  signal.throwIfAborted();
  const missing = ids.filter((_, place) => !present[place]);
  if (missing.length === 0) return;
  throw new DataError(
    `this site does not have ${missing.length === 1 ? "the data set" : "the data sets"} ${missing.join(", ")}; choose others in the options, or run the paper in a terminal`,
  );
}

/** Loaders of data sets by their names in the catalogue. */
export const siteLoader = (options: DataFilesOptions): DataLoader =>
  dataLoader({ source: siteSource(options), signal: options.signal });

/** The whole body, telling now and then how much of it has come. */
async function received(
  response: Response,
  file: DataFile,
  { signal, tell }: DataFilesOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (response.body === null) return refuse(file, signal, "the site sent nothing");
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  let told = 0;
  try {
    const reader = response.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      pieces.push(next.value);
      bytes += next.value.length;
      if (bytes - told < 500_000) continue;
      told = bytes;
      tell(`fetching ${file.path}: ${showBytes(bytes)} of ${showBytes(file.bytes)}`);
    }
  } catch (error) {
    return refuse(file, signal, "the connection broke", error);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

const answered = (status: number): string =>
  status === 404 ? "this site does not have it" : `the site answers ${status}`;

function refuse(file: DataFile, signal: AbortSignal, why: string, cause?: unknown): never {
  signal.throwIfAborted();
  throw new DataError(`cannot be fetched: ${why}`, { file: file.path }, { cause });
}
