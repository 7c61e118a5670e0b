/** Thirty-five papers and the contract that makes each of them readable, verifiable and usable. */
export type { PaperCard } from "./cards/card.ts";
export { card, cards, similar } from "./cards/index.ts";
export * from "./contract/bar.ts";
export * from "./contract/claim.ts";
export type { RunContext } from "./contract/context.ts";
export { UsageError } from "./contract/errors.ts";
export * from "./contract/events.ts";
export * from "./contract/experiment.ts";
export type * from "./contract/figure.ts";
export type { Paper } from "./contract/paper.ts";
export * from "./contract/report.ts";
export * from "./contract/use.ts";
export { isRunnable, loadPaper, runnable } from "./registry.ts";
export { memoryStore, type StepStore, type StepTiming } from "./run/steps.ts";
export { type UseOutcome, type UseRequest, use } from "./run/use.ts";
export * from "./run/verify.ts";
