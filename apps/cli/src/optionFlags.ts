/** The options of a paper as flags of the command, and back. */
import type { Paper } from "@etude/papers";
import { UsageError } from "@etude/papers/errors";
import { kebabCase } from "./checkFlags.ts";
import type { Flag, Flags } from "./command.ts";
import {
  choicesOf,
  describeValue,
  type OptionSchema,
  optionSchemas,
  parseValue,
} from "./optionValues.ts";

/** Flags every paper has when it is used; its own must have other names. */
const reserved = ["device", "threads", "seed", "out", "json", "quiet", "events", "help", "version"];

/**
 * A flag for every input and option.
 *
 * @throws Error if a paper's name is taken: a mistake in the paper
 */
export function paperFlags({ card, use }: Pick<Paper, "card" | "use">): Flags {
  const inputs = Object.entries(use.inputs).map(([name, slot]): [string, Flag] => [
    name,
    { type: "text", describe: `${capital(slot.describe)}${slot.required ? " (required)" : ""}` },
  ]);
  const options = Object.entries(optionSchemas(use.options)).map(
    ([name, schema]): [string, Flag] => [kebabCase(name), flagOf(kebabCase(name), schema)],
  );
  const all = [...inputs, ...options];
  const names = all.map(([name]) => name);
  const taken = names.find((name, i) => reserved.includes(name) || names.indexOf(name) !== i);
  if (taken !== undefined) {
    throw new Error(`paper ${card.slug}: the name of the flag --${taken} is taken; use another`);
  }
  return Object.fromEntries(all);
}

function flagOf(name: string, schema: OptionSchema): Flag {
  const describe = capital(schema.description ?? "");
  if (schema.type === "boolean") {
    const standard = schema.default === true ? `; on unless --no-${name}` : "";
    return { type: "switch", describe: `${describe}${standard}` };
  }
  const standard = schema.default === undefined ? {} : { otherwise: showDefault(schema.default) };
  if (schema.type === "array") {
    const shown = showDefault(schema.default ?? []);
    const otherwise = shown === "" ? "" : ` (default: ${shown})`;
    return { type: "texts", describe: `${describe}; ${describeValue(schema)}${otherwise}` };
  }
  const choices = choicesOf(schema);
  if (choices !== undefined) return { type: "text", describe, choices, ...standard };
  const form = schema.type === "string" ? "" : `; ${describeValue(schema)}`;
  return { type: "text", describe: `${describe}${form}`, ...standard };
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const showDefault = (value: unknown): string =>
  value === null
    ? "none"
    : Array.isArray(value)
      ? value.join(",")
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);

/**
 * The options that flags stand for, those that were given only.
 *
 * @throws UsageError for a value of the wrong kind or outside its range, naming the flag
 */
export function paperOptions(
  use: Paper["use"],
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(optionSchemas(use.options))) {
    const flag = `--${kebabCase(name)}`;
    const value = flags[kebabCase(name)];
    const parse = (text: string) => parseValue(text, schema, `${flag} ${text}`);
    if (typeof value === "boolean") options[name] = value;
    else if (typeof value === "string") options[name] = parse(value);
    else if (Array.isArray(value) && value.length > 0) options[name] = value.flatMap(parse);
  }
  const checked = use.options.safeParse(options);
  if (!checked.success) throw badOption(checked.error.issues[0], flags);
  return options;
}

/** "--units 0: Too small: expected number to be >=1" */
function badOption(
  { path, message }: { path: readonly PropertyKey[]; message: string },
  flags: Readonly<Record<string, unknown>>,
): UsageError {
  if (path.length === 0) return new UsageError(message);
  const flag = kebabCase(String(path[0]));
  const value = flags[flag];
  if (value === undefined) return new UsageError(`--${flag} is missing`);
  return new UsageError(`--${flag} ${Array.isArray(value) ? value.join(",") : value}: ${message}`);
}
