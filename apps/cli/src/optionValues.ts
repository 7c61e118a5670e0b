/**
 * Between texts a person types and the options of a paper: what an option takes is read from its
 * schema, as JSON Schema, so that no paper says it twice.
 */
import { UsageError } from "@etude/papers/errors";
import { z } from "zod";
import { inWords } from "./checkFlags.ts";

/** What is used of JSON Schema. */
export interface OptionSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly items?: OptionSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** What each option of a schema takes, by name. */
export function optionSchemas(schema: z.ZodType): Readonly<Record<string, OptionSchema>> {
  const { properties } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return (properties ?? {}) as Record<string, OptionSchema>;
}

/** The alternatives of a schema that has several; a list of types is one for each. */
function variants(schema: OptionSchema): readonly OptionSchema[] {
  const { anyOf, oneOf, type } = schema;
  if (typeof type === "object") return type.map((each) => ({ ...schema, type: each }));
  return anyOf ?? oneOf ?? [];
}

/** Words an option takes, where it takes nothing but certain words. */
export function choicesOf(schema: OptionSchema): readonly string[] | undefined {
  if (schema.const !== undefined) return [String(schema.const)];
  if (schema.enum !== undefined) return schema.enum.map(String);
  const choices = variants(schema).map(choicesOf);
  if (choices.length === 0 || choices.includes(undefined)) return undefined;
  return choices.flatMap((of) => of ?? []);
}

/** What an option takes, in words: "a whole number from 1 to 10". */
export function describeValue(schema: OptionSchema): string {
  const choices = choicesOf(schema);
  if (choices !== undefined) return inWords(choices);
  if (variants(schema).length > 0) return variants(schema).map(describeValue).join(" or ");
  switch (schema.type) {
    case "integer":
      return `a whole number${describeRange(schema)}`;
    case "number":
      return `a number${describeRange(schema)}`;
    case "boolean":
      return "true or false";
    case "array":
      return describeList(schema.items ?? {});
    case "null":
      return "none";
    case "object":
      return "an object in JSON";
    default:
      return "a text";
  }
}

function describeList(items: OptionSchema): string {
  const each = describeValue(items);
  return each === "a text" ? "a list with commas" : `a list with commas, each ${each}`;
}

function describeRange(schema: OptionSchema): string {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema;
  const low = minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  const floor = above !== undefined ? `above ${above}` : low !== undefined ? `at least ${low}` : "";
  const ceiling =
    below !== undefined ? `below ${below}` : high !== undefined ? `at most ${high}` : "";
  const range = [floor, ceiling].filter((part) => part !== "").join(" and ");
  if (range === "") return "";
  return range.startsWith("at ") ? ` of ${range}` : ` ${range}`;
}

/**
 * The value of an option from its text, of the right form and in range. What else the paper asks for,
 * its own schema decides later.
 *
 * @param said what the person typed, such as "--units 0", for messages
 * @throws UsageError with what is expected
 */
export function parseValue(text: string, schema: OptionSchema, said: string): unknown {
  const value = read(text, schema);
  if (value !== unreadable) return value;
  throw new UsageError(`${said}: expected ${describeValue(schema)}`);
}

const unreadable = Symbol("unreadable");

function read(text: string, schema: OptionSchema): unknown {
  const words = schema.const !== undefined ? [schema.const] : schema.enum;
  if (words !== undefined) {
    const found = words.find((word) => String(word) === text);
    return found === undefined ? unreadable : found;
  }
  for (const variant of variants(schema)) {
    const value = read(text, variant);
    if (value !== unreadable) return value;
  }
  if (variants(schema).length > 0) return unreadable;
  switch (schema.type) {
    case "number":
    case "integer": {
      const number = text.trim() === "" ? Number.NaN : Number(text);
      const fits = schema.type === "number" ? Number.isFinite(number) : Number.isInteger(number);
      return fits && inRange(number, schema) ? number : unreadable;
    }
    case "boolean":
      return booleans[text.toLowerCase()] ?? unreadable;
    case "array":
      return readList(text, schema.items ?? {});
    case "null":
      return text === "none" || text === "null" ? null : unreadable;
    case "object":
      return readJson(text);
    default:
      return text;
  }
}

const inRange = (number: number, schema: OptionSchema): boolean =>
  number >= (schema.minimum ?? number) &&
  number <= (schema.maximum ?? number) &&
  (schema.exclusiveMinimum === undefined || number > schema.exclusiveMinimum) &&
  (schema.exclusiveMaximum === undefined || number < schema.exclusiveMaximum);

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  false: false,
  no: false,
};

function readList(text: string, items: OptionSchema): unknown {
  if (text === "") return [];
  // As JSON as well: so a report's command line writes it, and so a text may hold a comma.
  const json = text.startsWith("[") ? readJson(text) : undefined;
  const parts = Array.isArray(json) ? json.map(String) : text.split(",");
  const values = parts.map((part) => read(part.trim(), items));
  return values.includes(unreadable) ? unreadable : values;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
}
