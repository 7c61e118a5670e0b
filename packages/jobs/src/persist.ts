/** Patience with a database that is away for a while: restarts, broken connections, a full disk. */
import { setTimeout as wait } from "node:timers/promises";

/** Classes and codes of PostgreSQL, and codes of sockets, after which the same statement may succeed. */
const transient =
  /^(08|57P0|53|40001|40P01|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
const messages =
  /connection terminated|connection error|timeout exceeded when trying to connect|not queryable|client has encountered/i;

/** Whether the database may do later what it did not do now. */
export function isTransient(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.some(isTransient)) return true;
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return transient.test(code) || messages.test(error.message) || isTransient(error.cause);
}

/** Short enough to be back soon, long enough to leave a starting server alone. */
const pauses = [100, 300, 1000, 2000];

/**
 * The result of `work`, tried until the database is there.
 *
 * @param troubled told once, when it is not
 * @throws what is not the database's passing trouble; the reason of `signal`
 */
export async function persist<T>(
  work: () => Promise<T>,
  { signal, troubled }: { signal?: AbortSignal; troubled?: (error: unknown) => void } = {},
): Promise<T> {
  for (let i = 0; ; i++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (i === 0) troubled?.(error);
      await wait(pauses[Math.min(i, pauses.length - 1)], undefined, signal && { signal });
    }
  }
}
