/** Etude as a process of the benchmark. Arguments: the number of threads. */
import { setThreads } from "@etude/tensor";
import { etudeProgram } from "./etudeProgram.ts";
import { serve } from "./protocol.ts";
import { workloadOf } from "./workloads/index.ts";

setThreads(Number(process.argv[2]));

await serve({ name: "etude", version: "" }, ({ workload }) => etudeProgram(workloadOf(workload)));
