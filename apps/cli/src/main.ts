#!/usr/bin/env node
/** The command. What it needs beyond this is loaded when it is needed, so that it starts at once. */
import { enableCompileCache } from "node:module";

enableCompileCache();
const { runProcess } = await import("./process.ts");
await runProcess(process.argv.slice(2));
