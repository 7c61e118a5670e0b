/** Papers, votes, subscribers and reports in PostgreSQL: embedded in a folder, or a server. */
export { type Database, type Store, StoreError } from "./database.ts";
export { type IngestStates, ingestStates, lastIngests } from "./ingestStates.ts";
export { maintain } from "./maintain.ts";
export { openStore } from "./open.ts";
export { type Feed, type FeedQuery, feed, type Period } from "./papers/feed.ts";
export { findPaper } from "./papers/find.ts";
export type { IncomingPaper } from "./papers/incoming.ts";
export type { PaperDetails, PaperListing } from "./papers/listing.ts";
export { trendingScore } from "./papers/rank.ts";
export { seedCards } from "./papers/seed.ts";
export { type Upserted, upsertPapers } from "./papers/upsert.ts";
export { unvote, type Voted, vote, votesOf } from "./papers/votes.ts";
export {
  findReport,
  latestNativeReport,
  type ReportOrigin,
  reproductions,
  type StoredReport,
  saveReport,
  type VerdictCount,
  verdictCounts,
} from "./reports.ts";
export * from "./schema/index.ts";
export type { Marked } from "./search/marks.ts";
export { type SearchHit, search } from "./search/search.ts";
export { similarPapers } from "./search/similar.ts";
export { siteSecret } from "./secret.ts";
export {
  createToken,
  listTokens,
  revokeToken,
  type TokenListing,
  type TokenUse,
  useToken,
} from "./tokens.ts";
