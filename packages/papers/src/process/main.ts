/** Begins the process of a seed: what was compiled for the last one is compiled no more. */
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./runner.ts");
