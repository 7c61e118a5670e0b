import { createHash, randomBytes } from "node:crypto";
import { asc, eq, sql } from "drizzle-orm";
import { type Store, StoreError } from "./database.ts";
import { tokens } from "./schema/index.ts";

/** A token as it can be shown; what it consists of is known to its owner only. */
export interface TokenListing {
  readonly id: number;
  readonly label: string;
  /** Uses a day, by UTC. */
  readonly quota: number;
  readonly created: Date;
  /** The moment from which it is worth nothing. */
  readonly expires: Date | null;
}

/** What became of a use. */
export type TokenUse =
  | { readonly allowed: true; readonly token: TokenListing; readonly left: number }
  | { readonly allowed: false; readonly reason: "unknown" | "expired" | "quota" };

const prefix = "etude_";

/**
 * Make a token: 256 random bits, of which the store keeps the SHA-256 only. A hash without salt and
 * without delay does, because there is nothing in it to guess.
 *
 * @param quota uses a day, by UTC
 * @returns the secret, which cannot be had again
 * @throws StoreError for a quota that is not a whole number from 1 to a million
 * @example
 * const { secret } = await createToken(store, { label: "lab", quota: 50 }, new Date());
 */
export async function createToken(
  { db }: Store,
  { label, quota, expires }: { label: string; quota: number; expires?: Date },
  now: Date,
): Promise<{ id: number; secret: string }> {
  if (!Number.isInteger(quota) || quota < 1 || quota > 1_000_000) {
    throw new StoreError(`a quota is a whole number from 1 to 1000000, not ${quota}`);
  }
  const secret = `${prefix}${randomBytes(32).toString("base64url")}`;
  const [{ id }] = await db
    .insert(tokens)
    .values({ hash: hashOf(secret), label, quota, created: now, expires: expires ?? null })
    .returning({ id: tokens.id });
  return { id, secret };
}

/**
 * Use a token, `uses` times at once: all of them or none. Uses in parallel are counted one by one, so a quota
 * cannot be exceeded.
 */
export async function useToken(
  { db }: Store,
  secret: string,
  now: Date,
  uses = 1,
): Promise<TokenUse> {
  const hash = hashOf(secret);
  const today = now.toISOString().slice(0, 10);
  const usedToday = sql<number>`case when ${tokens.usedOn} = ${today} then ${tokens.used} else 0 end`;
  const [used] = await db
    .update(tokens)
    .set({ used: sql`${usedToday} + ${uses}::int`, usedOn: today })
    .where(
      sql`${tokens.hash} = ${hash} and ${usedToday} + ${uses}::int <= ${tokens.quota} and (${tokens.expires} is null or ${tokens.expires} > ${now.toISOString()}::timestamptz)`,
    )
    .returning({ ...columns, used: tokens.used });
  if (used !== undefined) {
    const { used: count, ...token } = used;
    return { allowed: true, token, left: token.quota - count };
  }
  const [token] = await db.select(columns).from(tokens).where(eq(tokens.hash, hash));
  if (token === undefined) return { allowed: false, reason: "unknown" };
  const expired = token.expires !== null && token.expires <= now;
  return { allowed: false, reason: expired ? "expired" : "quota" };
}

/** All tokens, oldest first. */
export const listTokens = ({ db }: Store): Promise<TokenListing[]> =>
  db.select(columns).from(tokens).orderBy(asc(tokens.id));

/** Make a token worthless. @returns whether there was one */
export async function revokeToken({ db }: Store, id: number): Promise<boolean> {
  const gone = await db.delete(tokens).where(eq(tokens.id, id)).returning({ id: tokens.id });
  return gone.length > 0;
}

const hashOf = (secret: string): Uint8Array => createHash("sha256").update(secret).digest();

const columns = {
  id: tokens.id,
  label: tokens.label,
  quota: tokens.quota,
  created: tokens.created,
  expires: tokens.expires,
};
