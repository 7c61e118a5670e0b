/** Papers from the arXiv API and from the daily-papers API, fetched safely (Node only). */
export { type SourceAddress, sourceAddresses } from "./addresses.ts";
export { type AskOptions, arxivById, arxivListing, type ListingQuery } from "./arxiv.ts";
export { type ArxivId, formatArxivId, parseArxivId } from "./arxivId.ts";
export { type Clock, systemClock } from "./clock.ts";
export { type DailyQuery, dailyList, dailyPapers, dailyRange } from "./dailyPapers.ts";
export type { Day } from "./days.ts";
export { arxivEndpoint, dailyEndpoint, type Endpoint, type EndpointOptions } from "./endpoint.ts";
export { SourceError } from "./errors.ts";
export { type IngestEvent, type IngestOptions, ingest, type Sink, type Stored } from "./ingest.ts";
export {
  arxivSource,
  dailySource,
  type IngestSource,
  type IngestSourceOptions,
} from "./ingestSource.ts";
export type { IngestState, StateStore } from "./ingestState.ts";
export type { Page, SeenPages } from "./page.ts";
export type { IncomingPaper, Papers, Skipped } from "./paper.ts";
export { limits } from "./paper.ts";
export { type Fetched, type FetchRules, safeFetch, type Validators } from "./safeFetch.ts";
