/**
 * Metrics of finished predictions: plain functions of arrays on the host, computed in float64 over all
 * examples at once (the mean of a metric over batches is not the metric), and the statistics of repeated
 * runs.
 */
export type { Numbers } from "./arguments.ts";
export * from "./calibration.ts";
export * from "./classification.ts";
export * from "./correlation.ts";
export * from "./images.ts";
export * from "./ranking.ts";
export * from "./regression.ts";
export * from "./statistics.ts";
