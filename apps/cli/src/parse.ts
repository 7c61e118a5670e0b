/** Arguments taken apart. All values stay texts as typed: `checkFlags` reads them. */
import { parseArgs } from "node:util";
import type { Flags } from "./command.ts";

/** A flag as typed; `value` is absent where none was given. */
export interface ParsedFlag {
  readonly name: string;
  readonly value: string | undefined;
  /** Typed as `--no-name`. */
  readonly negated: boolean;
}

export interface Parsed {
  readonly flags: readonly ParsedFlag[];
  readonly words: readonly string[];
}

/** A value that begins with a dash is one only if it is a number or was joined by "=". */
const looksLikeFlag = (text: string): boolean => text.startsWith("-") && !/^-\.?\d/.test(text);

/**
 * Takes arguments apart. Flags may stand anywhere; after `--` everything is a word.
 *
 * (Node's own parser and not the one of yargs, which lays out the help: that would take a tenth of a
 * second to load, every time.)
 */
export function parse(args: readonly string[], declared: Flags): Parsed {
  const takesValue = (name: string): boolean =>
    Object.hasOwn(declared, name) && declared[name].type !== "switch";
  const { tokens } = parseArgs({
    args: separateMissing(args, takesValue),
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      help: { type: "boolean", short: "h" },
      ...Object.fromEntries(
        Object.keys(declared).map((name) => [
          name,
          { type: takesValue(name) ? ("string" as const) : ("boolean" as const), multiple: true },
        ]),
      ),
    },
  });
  const flags: ParsedFlag[] = [];
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const negated = token.name.startsWith("no-") && !Object.hasOwn(declared, token.name);
    const name = negated ? token.name.slice("no-".length) : token.name;
    flags.push({ name, value: token.value, negated });
  }
  return { flags, words };
}

/** Where a flag is followed by a flag, its value is missing; without this the parser would eat the next. */
function separateMissing(args: readonly string[], takesValue: (name: string) => boolean): string[] {
  return args.map((arg, i) => {
    const name = /^--([^=]+)$/.exec(arg)?.[1];
    const next = args[i + 1];
    const missing =
      name !== undefined && takesValue(name) && next !== undefined && looksLikeFlag(next);
    return missing ? `${arg}=` : arg;
  });
}
