/** The command as a process, with the papers of the tests. */
import { runProcess } from "../process.ts";
import { testPapers } from "./arithmetic.ts";

await runProcess(process.argv.slice(2), testPapers);
