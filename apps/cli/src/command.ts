/**
 * What a command is, as data: its words, its flags, its examples and what it does. Help texts,
 * completion and the checks of what a person typed are all made from this.
 */
import type { ExitStatus } from "./exit.ts";
import type { Session } from "./session.ts";

export type Flag =
  | { readonly type: "switch"; readonly describe: string }
  | {
      readonly type: "number";
      readonly describe: string;
      /** What happens without the flag, for the help text. */
      readonly otherwise?: string;
    }
  | {
      readonly type: "text";
      readonly describe: string;
      readonly choices?: readonly string[];
      readonly otherwise?: string;
    }
  /** May be given several times. */
  | { readonly type: "texts"; readonly describe: string };

export type Flags = Readonly<Record<string, Flag>>;

/** A word after the name of the command. */
export interface Word {
  readonly name: string;
  readonly describe: string;
  readonly required?: boolean;
  /** The rest of the words as well; only for the last one. */
  readonly many?: boolean;
  /** What is offered for completion: these words, or the papers. */
  readonly completes?: readonly string[] | "papers" | "runnable papers";
}

type ValueOf<F extends Flag> = F extends { type: "switch" }
  ? boolean | undefined
  : F extends { type: "number" }
    ? number | undefined
    : F extends { type: "texts" }
      ? readonly string[]
      : F extends { choices: readonly (infer Choice)[] }
        ? Choice | undefined
        : string | undefined;

/** The values of flags, checked. */
export type Values<F extends Flags> = { readonly [Name in keyof F]: ValueOf<F[Name]> };

export interface Given<F extends Flags> {
  readonly words: readonly string[];
  readonly flags: Values<F>;
  /** All arguments as they were typed, to repeat them in advice. */
  readonly typed: readonly string[];
}

export interface CommandSpec<F extends Flags> {
  readonly name: string;
  readonly describe: string;
  readonly words: readonly Word[];
  readonly flags: F;
  /** Command lines after `etude`, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
  /** What help says at its end. */
  readonly notes?: string;
  /** What to do instead of giving one word too many. */
  adviceOn?(word: string): string | undefined;
  run(given: Given<F>, session: Session): Promise<ExitStatus>;
}

/** A command whose flags nobody looks at by name any more. */
export interface Command extends Omit<CommandSpec<Flags>, "run"> {
  run(given: Given<Flags>, session: Session): Promise<ExitStatus>;
  /** The command for what its first arguments name, and the other arguments; undefined where they name nothing. */
  resolve?(args: readonly string[], session: Session): Promise<Resolved | undefined>;
}

export interface Resolved {
  readonly command: Command;
  readonly args: readonly string[];
}

/** Ties what `run` sees to the flags that are declared. */
export function command<const F extends Flags>(spec: CommandSpec<F>): Command {
  // The flags were checked against this very spec: see `checkFlags`.
  return { ...spec, run: (given, session) => spec.run(given as unknown as Given<F>, session) };
}
