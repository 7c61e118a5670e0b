/**
 * What papers about diffusion share: noise paths, predictions and how they convert, samplers, guidance,
 * an exact model to test against, two networks with their training, and measures of likeness.
 */
export * from "./conditionalMlp.ts";
export * from "./conditionalNet.ts";
export * from "./conditionalUnet.ts";
export * from "./frechet.ts";
export * from "./gaussianMixture.ts";
export * from "./guidance.ts";
export * from "./model.ts";
export * from "./noisePaths.ts";
export * from "./predictions.ts";
export * from "./principalComponents.ts";
export * from "./samplers.ts";
export * from "./similarity.ts";
export * from "./training.ts";
