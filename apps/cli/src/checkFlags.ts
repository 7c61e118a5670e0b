/** From what was typed to the values a command declares, or one line that says what is wrong. */
import { nearNames } from "@etude/data/names";
import { UsageError } from "@etude/papers/errors";
import type { Command, Flag, Flags, Word } from "./command.ts";
import type { ParsedFlag } from "./parse.ts";

/** Flags that every command takes. */
export const everywhere: Flags = {
  help: { type: "switch", describe: "Show this help" },
  "no-color": { type: "switch", describe: "No colours" },
  version: { type: "switch", describe: "Show the version" },
};

const shared = ["help", "color", "version"];

/**
 * The values of all declared flags.
 *
 * @throws UsageError for a flag that does not exist, is repeated, or has a value that does not fit
 */
export function checkFlags(parsed: readonly ParsedFlag[], flags: Flags): Record<string, unknown> {
  const names = Object.keys(flags);
  for (const { name, negated } of parsed) {
    const known = names.includes(name) || shared.includes(name);
    if (!known || (negated && name !== "color" && flags[name]?.type !== "switch"))
      throw unknownFlag(negated ? `no-${name}` : name, names);
  }
  return Object.fromEntries(
    names.map((name) => {
      const typed = parsed.filter((flag) => flag.name === name);
      return [name, valueTyped(name, flags[name], typed)];
    }),
  );
}

function unknownFlag(name: string, names: readonly string[]): UsageError {
  const dashed = name.length === 1 ? `-${name}` : `--${name}`;
  const near = nearNames(name, [...names, ...Object.keys(everywhere)]);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((near) => `--${near}`).join(" or ")}?`
      : "--help shows those there are";
  return new UsageError(`there is no flag ${dashed}; ${hint}`);
}

function valueTyped(name: string, flag: Flag, typed: readonly ParsedFlag[]): unknown {
  if (flag.type === "switch") return switchOf(name, typed);
  const values = typed.map(({ value }) => {
    if (value === undefined || value === "")
      throw new UsageError(`--${name} needs a value after it`);
    return value;
  });
  if (flag.type === "texts") return values;
  if (values.length > 1) {
    throw new UsageError(
      `--${name} is given ${values.length} times (${values.join(", ")}); give it once`,
    );
  }
  const [value] = values;
  if (value === undefined) return undefined;
  if (flag.type === "number") return numberOf(name, value);
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    const near = nearNames(value, flag.choices);
    const hint = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
    throw new UsageError(`--${name} ${value}: expected ${inWords(flag.choices)}${hint}`);
  }
  return value;
}

/** The last one counts, so that an alias of a shell can be taken back. */
function switchOf(name: string, typed: readonly ParsedFlag[]): boolean | undefined {
  const last = typed.at(-1);
  if (last === undefined) return undefined;
  if (last.value !== undefined)
    throw new UsageError(`--${name} takes no value, and got ${last.value}`);
  return !last.negated;
}

/** @throws UsageError for a text that is no number */
export function numberOf(name: string, text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) throw new UsageError(`--${name} ${text}: expected a number`);
  return number;
}

/**
 * The words after the name of a command.
 *
 * @throws UsageError when one is missing or there is one too many
 */
export function checkWords(
  given: readonly string[],
  { name, words, adviceOn }: Pick<Command, "name" | "words" | "adviceOn">,
): readonly string[] {
  const form = ["etude", name, ...words.map(showWord)].join(" ");
  const missing = words.find((word, index) => word.required && given[index] === undefined);
  if (missing !== undefined) throw new UsageError(`${missing.describe} is missing: ${form}`);
  if (given.length > words.length && words.at(-1)?.many !== true) {
    const extra = given[words.length];
    const advice = adviceOn?.(extra) ?? `the form is ${form}`;
    throw new UsageError(`unexpected word "${extra}"; ${advice}`);
  }
  return given;
}

export const showWord = ({ name, required, many }: Word): string => {
  const shown = many ? `${name}...` : name;
  return required ? `<${shown}>` : `[${shown}]`;
};

/** "smoke, quick or full" */
export function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

export const camelCase = (name: string): string =>
  name.replace(/-+(\w)/g, (_, letter: string) => letter.toUpperCase());

export const kebabCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])([A-Z])/g, (letter) => `-${letter.toLowerCase()}`).toLowerCase();
