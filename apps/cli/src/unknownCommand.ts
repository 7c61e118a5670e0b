/** What to say to a word that is no command. */
import { nearNames } from "@etude/data/names";
import { UsageError } from "@etude/papers/errors";
import { inWords } from "./checkFlags.ts";
import type { PaperSource } from "./session.ts";

/** Names the nearest command; for the name of a paper, what one can do with it. */
export function unknownCommand(
  name: string,
  commands: readonly string[],
  papers: PaperSource,
): UsageError {
  if (papers.cards.some(({ slug }) => slug === name)) {
    return new UsageError(
      `"${name}" is a paper, not a command; try etude read ${name}, etude verify ${name} or etude use ${name}`,
    );
  }
  const near = nearNames(name, commands);
  return new UsageError(
    near.length > 0
      ? `there is no command "${name}"; did you mean etude ${near.join(" or etude ")}?`
      : `there is no command "${name}"; there are ${inWords(commands).replace(/ or ([^ ]*)$/, " and $1")}`,
  );
}
