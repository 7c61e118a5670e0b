/** From arguments to an exit status: finds the command, checks what was typed, runs it, tells what failed. */
import { checkFlags, checkWords } from "./checkFlags.ts";
import type { Command, Flags, Given } from "./command.ts";
import { commandNames, loadCommand } from "./commands/index.ts";
import { completions } from "./completions.ts";
import { type ExitStatus, exit } from "./exit.ts";
import { describeFailure } from "./failures.ts";
import { parse } from "./parse.ts";
import type { Session } from "./session.ts";
import { unknownCommand } from "./unknownCommand.ts";
import { version } from "./version.ts";

/** Runs one command line. Never throws: what fails is told on the standard error. */
export async function run(args: readonly string[], session: Session): Promise<ExitStatus> {
  try {
    return await dispatch(args, session);
  } catch (error) {
    const { status, message } = describeFailure(error);
    session.terminal.err(message);
    return status;
  }
}

async function dispatch(args: readonly string[], session: Session): Promise<ExitStatus> {
  const { out } = session.terminal;
  if (args[0] === "--get-yargs-completions") {
    for (const word of await completions(args.slice(2), session)) out(word);
    return exit.done;
  }
  const place = args.findIndex((arg) => !arg.startsWith("-"));
  const name = place < 0 ? undefined : args[place];
  if (name === undefined || name === "help") return withoutCommand(args, place, session);
  const loaded = await loadCommand(name);
  if (loaded === undefined) throw unknownCommand(name, commandNames, await session.papers());
  const rest = args.toSpliced(place, 1);
  const resolved = await loaded.resolve?.(rest, session);
  return perform(resolved?.command ?? loaded, resolved?.args ?? rest, session);
}

/** `etude`, `etude --help`, `etude --version`, `etude help [command]`. */
async function withoutCommand(
  args: readonly string[],
  place: number,
  session: Session,
): Promise<ExitStatus> {
  const { terminal } = session;
  const asked = place < 0 ? undefined : args[place + 1];
  if (asked !== undefined) return dispatch([asked, "--help"], session);
  const { flags } = parse(args, {});
  checkFlags(flags, {});
  if (flags.some(({ name }) => name === "version")) terminal.out(version);
  else {
    const { mainHelp } = await import("./help.ts");
    terminal.out(await mainHelp(terminal.columns));
  }
  return exit.done;
}

async function perform(
  command: Command,
  args: readonly string[],
  session: Session,
): Promise<ExitStatus> {
  const { flags, words } = parse(args, command.flags);
  const { terminal } = session;
  if (flags.some(({ name }) => name === "help" || name === "h")) {
    const { helpOf } = await import("./help.ts");
    terminal.out(await helpOf(command, terminal.columns));
    return exit.done;
  }
  if (flags.some(({ name }) => name === "version")) {
    terminal.out(version);
    return exit.done;
  }
  const values = checkFlags(flags, command.flags);
  const given: Given<Flags> = {
    words: checkWords(words, command),
    flags: values as Given<Flags>["flags"],
    typed: args,
  };
  const colorless = flags.some(({ name, negated }) => name === "color" && negated);
  return command.run(given, colorless ? withoutColor(session) : session);
}

const withoutColor = (session: Session): Session => ({
  ...session,
  terminal: { ...session.terminal, color: { out: false, err: false } },
});
