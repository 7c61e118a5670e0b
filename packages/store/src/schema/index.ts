/** All tables. What changes here needs a migration: see the README. */
export { ingestState } from "./ingestState.ts";
export { checkpoints, jobStates, jobs, sweeps } from "./jobs.ts";
export {
  deliveries,
  deliveryStates,
  digests,
  frequencies,
  subscriberStates,
  subscribers,
} from "./mail.ts";
export { paperSources, papers, votes, words } from "./papers.ts";
export { reportOrigins, reports, tokens, verdicts } from "./reports.ts";
