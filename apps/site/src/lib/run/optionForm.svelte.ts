/** The contents of a form of options, and what is wrong with them. */
import type { Field, Json } from "../worker/fields.ts";
import { type Content, contentOf, parseContent } from "./fieldValues.ts";

type Values = Readonly<Record<string, Json>>;

interface FormOptions {
  readonly values?: Values;
  readonly isWhole?: boolean;
}

export class OptionForm {
  readonly fields: readonly Field[];
  contents = $state<Record<string, Content>>({});
  /** By the names of fields, a sentence each. */
  problems = $state<Readonly<Record<string, string>>>({});

  readonly #isWhole: boolean;

  /**
   * @param values what stands in the fields first; else their defaults
   * @param isWhole whether every field needs a value
   */
  constructor(fields: readonly Field[], { values = {}, isWhole = false }: FormOptions = {}) {
    this.fields = fields;
    this.#isWhole = isWhole;
    this.fill(values);
  }

  fill(values: Values): void {
    this.contents = Object.fromEntries(
      this.fields.map((field) => [
        field.name,
        contentOf(field, values[field.name] ?? field.default),
      ]),
    );
    this.problems = {};
  }

  /** The values of all fields that say something; undefined, with problems, where one cannot be read. */
  read(): Record<string, Json> | undefined {
    const values: Record<string, Json> = {};
    const problems: Record<string, string> = {};
    for (const field of this.fields) {
      const parsed = parseContent(field, this.contents[field.name], this.#isWhole);
      if (!parsed.ok) problems[field.name] = parsed.problem;
      else if (parsed.value !== undefined) values[field.name] = parsed.value;
    }
    this.problems = problems;
    return Object.keys(problems).length === 0 ? values : undefined;
  }

  /** Puts an error of the paper beside the field it names, if it names one: `option "units": ...`. */
  blame(message: string): boolean {
    const [, name, problem] = /^option "(\w+)[^"]*": (.*)$/s.exec(message) ?? [];
    if (!this.fields.some((field) => field.name === name)) return false;
    this.problems = { [name]: problem };
    return true;
  }
}

/** The values that differ from others. */
export const differing = (values: Values, from: Values): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(from[name]),
    ),
  );
