/** Experiments as jobs: submitted once, run on any number of machines, one result each. */
export { openQueue, type Queue } from "./queue.ts";
export { concludeFinished, reportId } from "./reports.ts";
export {
  anyOpen,
  cancelSweep,
  deleteSweep,
  findSweep,
  type JobListing,
  type JobState,
  listSweeps,
  retrySweep,
  type SweepDetails,
  type SweepListing,
  sweepDetails,
} from "./status.ts";
export { mostWaiting, submit, type Terms } from "./submit.ts";
export { mostJobs, planSweep, type Setting, type Submission, type Sweep } from "./sweep.ts";
export { type WorkerOptions, work } from "./worker.ts";
