/** What a shell offers for the word being typed. */
import type { Command, Resolved } from "./command.ts";
import { commandNames, loadCommand } from "./commands/index.ts";
import type { Session } from "./session.ts";

/**
 * Candidates for the last of `words`, which are those after `etude`; the shell keeps the ones that
 * begin as it does.
 */
export async function completions(
  words: readonly string[],
  session: Session,
): Promise<readonly string[]> {
  const [name, ...rest] = words;
  if (rest.length === 0) return commandNames;
  const loaded = await loadCommand(name);
  if (loaded === undefined) return [];
  const { command, args } = await resolved(loaded, rest, session);
  const current = args.at(-1) ?? "";
  const flag = command.flags[args.at(-2)?.replace(/^--/, "") ?? ""];
  if (flag !== undefined && flag.type !== "switch") {
    return flag.type === "text" ? (flag.choices ?? []) : [];
  }
  if (current.startsWith("-")) {
    return [...Object.keys(command.flags), "help", "no-color"].map((flag) => `--${flag}`);
  }
  const place = args.slice(0, -1).filter((word) => !word.startsWith("-")).length;
  const last = command.words.at(-1);
  const word = command.words[place] ?? (last?.many === true ? last : undefined);
  if (word?.completes === undefined) return [];
  if (typeof word.completes !== "string") return word.completes;
  const { cards, isRunnable } = await session.papers();
  const slugs = cards.map(({ slug }) => slug);
  return word.completes === "papers" ? slugs : slugs.filter(isRunnable);
}

/** A paper's own flags, where the words before the last name one. */
async function resolved(
  command: Command,
  args: readonly string[],
  session: Session,
): Promise<Resolved> {
  try {
    const resolved = await command.resolve?.(args.slice(0, -1), session);
    if (resolved !== undefined) return { ...resolved, args: [...resolved.args, args.at(-1) ?? ""] };
  } catch {
    // A word that is not finished, or wrong, names no paper: nothing to offer for it.
  }
  return { command, args };
}
