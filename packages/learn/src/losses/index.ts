/**
 * Losses as functions of predictions and targets. They return one value an example, or one an entry
 * where they say "elementwise"; taking the mean or the sum is the caller's: `squaredError(y,
 * t).mean()`.
 *
 * Shapes must agree: predictions [n, 1] beside targets [n] are an error, not n^2 losses.
 */
export * from "./classification.ts";
export * from "./contrastive.ts";
export * from "./divergences.ts";
export * from "./regression.ts";
