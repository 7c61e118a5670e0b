import { defaultSource } from "#dataSource";
import { waysToGet } from "./absence.ts";
import { dataSet } from "./sets.ts";
import type { DataSource, Whereabouts } from "./source.ts";

export interface Availability {
  readonly id: string;
  /** The farthest place that one of its files is at. */
  readonly place: Whereabouts;
  /** Whether the set can be loaded without the network. */
  readonly here: boolean;
  /** Bytes that would come over the network. */
  readonly bytesToFetch: number;
  /** Where a file is missing: how to get it. */
  readonly advice?: string;
}

const farther: readonly Whereabouts[] = [
  "shipped",
  "package",
  "cached",
  "mirror",
  "fetch",
  "missing",
];

/**
 * Whether a data set is here, or what it would take to have it. Nothing is loaded.
 *
 * @throws DataError when there is no set of this name
 * @example (await available("fashion-mnist-published")).bytesToFetch // 30878551
 */
export async function available(
  id: string,
  source: DataSource = defaultSource(),
): Promise<Availability> {
  const set = dataSet(id);
  const places = await Promise.all(
    set.files.map(async (file) => (await source.place?.(file)) ?? "fetch"),
  );
  const place = farther[Math.max(...places.map((each) => farther.indexOf(each)))];
  const remote = set.files.filter((_, i) => places[i] === "fetch" || places[i] === "missing");
  const missing = set.files.filter((_, i) => places[i] === "missing");
  return {
    id,
    place,
    here: remote.length === 0,
    bytesToFetch: remote.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(missing.length > 0 && {
      advice: waysToGet(missing, { offline: missing.some(({ urls }) => urls !== undefined) }),
    }),
  };
}
