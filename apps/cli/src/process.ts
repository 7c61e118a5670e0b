/** The command as a process: its streams, its signals, its exit status. */
import { describeFailure } from "./failures.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { registeredPapers } from "./papers.ts";
import { run } from "./run.ts";
import type { Session } from "./session.ts";
import { processTerminal } from "./terminal.ts";

/**
 * Runs the command in this process. The status is left in `process.exitCode`: the process ends by
 * itself when everything is written.
 *
 * @param papers where papers are found; others than the registered ones in tests
 */
export async function runProcess(
  args: readonly string[],
  papers: Session["papers"] = registeredPapers,
): Promise<void> {
  const terminal = processTerminal();
  // What escapes every promise must look like any other failure.
  process.on("uncaughtException", (error) => {
    const { status, message } = describeFailure(error);
    terminal.err(message);
    process.exit(status);
  });
  const interrupts = listenForInterrupts(terminal);
  process.exitCode = await run(args, {
    terminal,
    papers,
    signal: interrupts.signal,
    onSecondInterrupt: interrupts.onSecond,
  });
  interrupts.stop();
}
