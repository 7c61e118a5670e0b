/** Between what stands in a field of a form and the value of an option. */
import type { Field, FieldValue, Json, Range } from "../worker/fields.ts";

/** A field's content as the browser has it: a text, whether a box is ticked, or the names chosen. */
export type Content = string | boolean | readonly string[];

export type Parsed =
  | { readonly ok: true /** undefined: left to the paper */; readonly value: Json | undefined }
  | { readonly ok: false; readonly problem: string };

/** What stands in a field for a value; of none, what leaves it to the paper. */
export function contentOf({ value: takes, columns }: Field, value: Json | undefined): Content {
  if (takes.kind === "switch") return value === true;
  if (columns === "many") return Array.isArray(value) ? value.map(String) : [];
  if (value === undefined || value === null) return "";
  if (takes.kind === "json") return JSON.stringify(value);
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/**
 * The value of what stands in a field, of the right form and in range.
 *
 * @param isNeeded whether an empty field is a mistake; else it leaves the option to the paper
 */
export function parseContent(
  { value: takes, default: standard }: Field,
  content: Content,
  isNeeded: boolean,
): Parsed {
  if (typeof content === "boolean") return { ok: true, value: content };
  if (typeof content !== "string") return { ok: true, value: [...content] };
  const text = content.trim();
  // An empty list is something that can be meant; of the others an empty field says nothing.
  const isEmptyList = takes.kind === "list" && (isNeeded || standard !== undefined);
  if (text === "" && !isEmptyList)
    return isNeeded ? { ok: false, problem: "A value is needed." } : { ok: true, value: undefined };
  const value = read(text, takes);
  if (value === unreadable) return { ok: false, problem: `Expected ${describeValue(takes)}.` };
  return { ok: true, value };
}

const unreadable = Symbol("unreadable");

function read(text: string, takes: FieldValue): Json | typeof unreadable {
  switch (takes.kind) {
    case "switch":
      return text === "true" ? true : text === "false" ? false : unreadable;
    case "choice":
      return takes.of.includes(text) ? text : unreadable;
    case "number": {
      const number = Number(text.replace("−", "-"));
      const fits = takes.whole ? Number.isInteger(number) : Number.isFinite(number);
      return text !== "" && fits && inRange(number, takes.range) ? number : unreadable;
    }
    case "text":
      return text;
    case "list": {
      const parts = text === "" ? [] : text.split(",").map((part) => part.trim());
      const values: Json[] = [];
      for (const part of parts) {
        const value = read(part, takes.items);
        if (value === unreadable || part === "") return unreadable;
        values.push(value);
      }
      return values;
    }
    case "json":
      return readJson(text);
  }
}

const inRange = (number: number, { least, most, above, below }: Range): boolean =>
  number >= (least ?? number) &&
  number <= (most ?? number) &&
  (above === undefined || number > above) &&
  (below === undefined || number < below);

function readJson(text: string): Json | typeof unreadable {
  try {
    return JSON.parse(text);
  } catch {
    return unreadable;
  }
}

/** What a field takes, in words: "a whole number from 1 to 10". */
export function describeValue(takes: FieldValue): string {
  switch (takes.kind) {
    case "switch":
      return "yes or no";
    case "choice":
      return inWords(takes.of);
    case "number":
      return `a ${takes.whole ? "whole number" : "number"}${describeRange(takes.range)}`;
    case "text":
      return "a text";
    case "list": {
      const each = describeValue(takes.items);
      return each === "a text"
        ? "texts with commas between"
        : `${plural(takes.items)} with commas between`;
    }
    case "json":
      return "a value in JSON";
  }
}

function plural(items: FieldValue): string {
  if (items.kind === "number")
    return `${items.whole ? "whole numbers" : "numbers"}${describeRange(items.range)}`;
  return items.kind === "choice" ? `some of ${items.of.join(", ")}` : "values";
}

function describeRange({ least, most, above, below }: Range): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const floor = above !== undefined ? `above ${above}` : least !== undefined ? `from ${least}` : "";
  const ceiling =
    below !== undefined ? `below ${below}` : most !== undefined ? `up to ${most}` : "";
  const bounds = [floor, ceiling].filter((part) => part !== "").join(" and ");
  return bounds === "" ? "" : ` ${bounds}`;
}

const inWords = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;

/**
 * Reads "5", "0,1,2", "0..4" (both ends included) and mixtures of them.
 *
 * @returns the seeds, or one line that says what is wrong
 */
export function parseSeeds(text: string): readonly number[] | string {
  const seeds: number[] = [];
  for (const part of text.split(",")) {
    const match = /^\s*(\d{1,10})\s*(?:\.\.\s*(\d{1,10})\s*)?$/.exec(part);
    if (match === null)
      return "Expected a range such as 0..4, a list such as 0, 1, 2, or one seed.";
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last >= 2 ** 32) return "A seed is at most 4294967295.";
    if (last < first) return `The range ${first}..${last} runs backwards.`;
    if (seeds.length + last - first >= 1000) return "At most 1000 seeds can be run at once.";
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, place) => seeds.indexOf(seed) !== place);
  return twice === undefined ? seeds : `Seed ${twice} comes twice.`;
}
