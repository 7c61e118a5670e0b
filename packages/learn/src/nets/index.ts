/** Small nets that experiments share, each a configuration turned into a layer. */
export * from "./convNet.ts";
export * from "./leNet.ts";
export * from "./mlp.ts";
export * from "./resNet.ts";
