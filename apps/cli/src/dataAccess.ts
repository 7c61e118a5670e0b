/** Data sets of the catalogue on this machine: where they are, and bringing them here. */
import { type Availability, available, dataSet, showBytes } from "@etude/data";
import { nodeSource } from "@etude/data/files";
import type { RunEvent } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";

/**
 * What has to come over the network before these sets can be loaded.
 *
 * @throws UsageError naming all sets that cannot be had from anywhere, and the way to get them
 */
export async function toFetch(ids: readonly string[]): Promise<readonly Availability[]> {
  const states = await Promise.all(ids.map((id) => available(id)));
  const missing = states.filter(({ place }) => place === "missing");
  if (missing.length > 0) throw new UsageError(waysToGetAll(missing));
  return states.filter(({ here }) => !here);
}

function waysToGetAll(missing: readonly Availability[]): string {
  const [{ id, advice = `data set ${id} cannot be had` }] = missing;
  if (missing.length === 1) return advice;
  return `the data sets ${missing.map(({ id }) => id).join(", ")} are not here. The first: ${advice}`;
}

/** "mnist, cifar10: 46 MB to fetch, once" */
export function fetchNotice(absent: readonly Availability[]): string {
  const bytes = absent.reduce((sum, { bytesToFetch }) => sum + bytesToFetch, 0);
  const names = absent.map(({ id }) => id).join(", ");
  return `${names}: ${showBytes(bytes)} to fetch, once`;
}

/**
 * Brings sets into the cache, one after the other, telling how much has come.
 *
 * @throws DataError when a file cannot be had, saying how to get it
 */
export async function fetchSets(
  absent: readonly Availability[],
  show: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const source = nodeSource();
  const total = absent.reduce((sum, { bytesToFetch }) => sum + bytesToFetch, 0);
  let before = 0;
  for (const { id } of absent) {
    for (const file of dataSet(id).files) {
      const place = await source.place(file);
      if (place !== "fetch" && place !== "missing") continue;
      const tell = (bytes: number) => {
        const label = `fetching ${id}: ${showBytes(before + bytes)} of ${showBytes(total)}`;
        show({ type: "progress", done: before + bytes, total, label });
      };
      tell(0);
      await source.bytes(file, {
        signal,
        progress: ({ bytes }) => tell(Math.min(bytes, file.bytes)),
      });
      before += file.bytes;
    }
  }
}
