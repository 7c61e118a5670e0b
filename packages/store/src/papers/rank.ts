import { type SQL, sql } from "drizzle-orm";
import { papers } from "../schema/index.ts";

const aDay = 86_400_000;
/** Days by which every paper counts as older than it is: how long a new one stands still, about. */
const headStart = 2;

/**
 * How much a paper trends:
 *
 *     (votes + 1) / (days + 2)^1.5
 *
 * for `days` since it came up, in fractions. Every paper counts as voted for once, so new ones begin
 * above old ones without votes. The exponent is above 1, so that no steady stream of votes keeps a
 * paper up for ever. A paper with v votes falls behind a newcomer without any after
 * 2 (v + 1)^(2/3) - 2 days: one vote is worth a day, nine a week, and a hundred six weeks.
 *
 * The power is a product and a root, which IEEE 754 rounds alike everywhere: this function and
 * `trendingSql` give the same number to the last bit.
 *
 * @param votes of the paper
 * @param age in milliseconds since the paper came up; what is in the future is new
 */
export function trendingScore(votes: number, age: number): number {
  const days = Math.max(age, 0) / aDay + headStart;
  return (votes + 1) / (days * Math.sqrt(days));
}

/** `trendingScore` of each row of `papers`, in SQL. */
export function trendingSql(now: Date): SQL<number> {
  const age = sql`greatest(extract(epoch from ${now.toISOString()}::timestamptz - ${papers.appeared}) * 1000, 0)::float8`;
  const days = sql`(${age} / ${sql.raw(String(aDay))} + ${sql.raw(String(headStart))})`;
  return sql<number>`((${papers.votes} + 1) / (${days} * sqrt(${days})))`;
}
