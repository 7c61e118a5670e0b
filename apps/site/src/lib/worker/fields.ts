/**
 * What an option takes, read from its schema, as plain data: so a form can be made where neither the
 * paper nor its schemas are loaded.
 */
import { z } from "zod";

/** Bounds of a number; `above` and `below` are not themselves allowed. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
  readonly above?: number;
  readonly below?: number;
}

export type FieldValue =
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly of: readonly string[] }
  | { readonly kind: "number"; readonly whole: boolean; readonly range: Range }
  | { readonly kind: "text" }
  | { readonly kind: "list"; readonly items: FieldValue }
  | { readonly kind: "json" };

export interface Field {
  readonly name: string;
  /** The name in words: "Learning rates". */
  readonly label: string;
  readonly describe: string;
  readonly value: FieldValue;
  /** Whether it names a column of the table that is given, or several. */
  readonly columns?: "one" | "many";
  /** What it is where nothing is said; absent where the paper decides by itself. */
  readonly default?: Json;
}

export type Json = z.infer<ReturnType<typeof z.json>>;

/** What is used of JSON Schema. */
interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly unknown[];
  readonly items?: OptionSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The fields of a form for these options, in the order of the schema. */
export function fieldsOf(schema: z.ZodType): Field[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.entries(properties as Record<string, OptionSchema>).map(([name, option]) => {
    const value = takenBy(option);
    const columns = columnsOf(name, value);
    return {
      name,
      label: labelOf(name),
      describe: option.description ?? "",
      value,
      ...(columns !== undefined && { columns }),
      ...(option.default !== undefined && { default: option.default }),
    };
  });
}

function takenBy(schema: OptionSchema): FieldValue {
  if (schema.enum !== undefined) return { kind: "choice", of: schema.enum.map(String) };
  switch (schema.type) {
    case "boolean":
      return { kind: "switch" };
    case "integer":
    case "number":
      return { kind: "number", whole: schema.type === "integer", range: rangeOf(schema) };
    case "string":
      return { kind: "text" };
    case "array": {
      const items: FieldValue = schema.items ? takenBy(schema.items) : { kind: "json" };
      // A list inside of a list, or of objects, has no form that is easier than its JSON.
      return items.kind === "json" || items.kind === "list"
        ? { kind: "json" }
        : { kind: "list", items };
    }
    default:
      return { kind: "json" };
  }
}

/** Bounds that zod adds to every whole number, as no double holds larger ones, are left out. */
function rangeOf(schema: OptionSchema): Range {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  return {
    ...(minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER && { least: minimum }),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { most: maximum }),
    ...(exclusiveMinimum !== undefined && { above: exclusiveMinimum }),
    ...(exclusiveMaximum !== undefined && { below: exclusiveMaximum }),
  };
}

/** The names that papers give to options that stand for columns. */
function columnsOf(name: string, value: FieldValue): Field["columns"] {
  if (value.kind === "text" && /^(target|column|\w+Column)$/.test(name)) return "one";
  if (value.kind === "list" && value.items.kind === "text" && /^(exclude|columns)$/.test(name))
    return "many";
  return undefined;
}

/** "learningRates" as "Learning rates". */
export function labelOf(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
