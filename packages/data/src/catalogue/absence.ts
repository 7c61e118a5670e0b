/** What to tell a user whose data is not on this machine. */
import { count } from "../errors.ts";
import { type DataFile, showBytes } from "./record.ts";

export interface Absence {
  /** Whether the network must not be used. */
  readonly offline?: boolean;
  /** Why fetching failed. */
  readonly reason?: string;
  /** Where the first file would be kept. */
  readonly keptAt?: string;
}

/**
 * What would be fetched, how much it is, why it was not, and the ways to get it, in one line.
 *
 * @example waysToGet([file], { offline: true })
 */
export function waysToGet(files: readonly DataFile[], absence: Absence = {}): string {
  const { offline = false, reason, keptAt } = absence;
  const [first] = files;
  const bytes = showBytes(files.reduce((sum, file) => sum + file.bytes, 0));
  const single = files.length === 1;
  const what = single
    ? `${first.path} (${bytes})`
    : `${count(files.length)} files (${bytes}; ${first.path} and others)`;
  const isPublic = files.every((file) => (file.urls?.length ?? 0) > 0);

  let why = `${single ? "is" : "are"} not on this machine`;
  if (reason !== undefined) why = `could not be fetched (${reason})`;
  else if (!isPublic) why += ", and no public address has the same bytes";
  else if (offline)
    why += ` and would be fetched from ${first.urls?.join(" or ")}, but ETUDE_OFFLINE is set`;

  const ways = [
    "set ETUDE_DATA_MIRROR to a folder or URL that holds files under these paths",
    ...(keptAt === undefined ? [] : [`put the file at ${keptAt}`]),
  ];
  if (isPublic) ways.unshift(offline ? "unset ETUDE_OFFLINE" : "try again when online");
  return `${what} ${why}; ${ways.join(", or ")}`;
}
