/** Columns that grow while a file is read: typed arrays and a dictionary, never objects per row. */
import { areCategories, mostCategories, orderOfCategories } from "./kinds.ts";
import type { CategoricalColumn, TextColumn } from "./table.ts";

const firstCapacity = 1024;

/** Numbers that come in pieces. */
export function growingNumbers() {
  let values = new Float64Array(firstCapacity);
  let length = 0;
  return {
    /** A view of the next `extra` places, to be filled at once. */
    room(extra: number): Float64Array {
      values = withRoom(values, length, extra, (capacity) => new Float64Array(capacity));
      length += extra;
      return values.subarray(length - extra, length);
    },
    finish: (): Float64Array<ArrayBuffer> => values.slice(0, length),
  };
}

/** Whole numbers that come in pieces. */
export function growingIntegers() {
  let values = new Int32Array(firstCapacity);
  let length = 0;
  return {
    push(value: number): void {
      values = withRoom(values, length, 1, (capacity) => new Int32Array(capacity));
      values[length++] = value;
    },
    finish: (): Int32Array<ArrayBuffer> => values.slice(0, length),
  };
}

function withRoom<T extends Float64Array | Int32Array>(
  values: T,
  length: number,
  extra: number,
  allocate: (capacity: number) => T,
): T {
  if (length + extra <= values.length) return values;
  const larger = allocate(Math.max(2 * values.length, length + extra));
  larger.set(values.subarray(0, length));
  return larger;
}

/**
 * Texts that come one by one. As long as few differ they are kept as positions in a dictionary;
 * which kind of column they are is decided at the end.
 */
export function growingTexts() {
  const codes = growingIntegers();
  const dictionary = new Map<string, number>();
  let missing = 0;
  let length = 0;
  let texts: (string | null)[] | undefined;

  const entries = (): string[] => [...dictionary.keys()];
  const spelledOut = (): (string | null)[] => {
    const known = entries();
    return Array.from(codes.finish(), (code) => (code < 0 ? null : known[code]));
  };
  return {
    push(text: string | null): void {
      length++;
      if (text === null) missing++;
      if (texts !== undefined) {
        texts.push(text);
        return;
      }
      const known = text === null ? -1 : dictionary.get(text);
      if (known !== undefined) {
        codes.push(known);
        return;
      }
      codes.push(dictionary.size);
      dictionary.set(detached(text ?? ""), dictionary.size);
    },
    /** To be called now and then: gives the dictionary up once it has become too large to be one. */
    settle(keepDictionary: boolean): void {
      if (texts === undefined && dictionary.size > mostCategories && !keepDictionary)
        texts = spelledOut();
    },
    finish(name: string, declared?: "categorical" | "text"): CategoricalColumn | TextColumn {
      const known = entries();
      const categorical =
        declared === undefined
          ? texts === undefined && areCategories(known, length - missing)
          : declared === "categorical";
      if (!categorical || texts !== undefined)
        return { name, kind: "text", values: texts ?? spelledOut() };
      const categories = orderOfCategories(known);
      const places = new Map(categories.map((category, place) => [category, place]));
      const moved = Int32Array.from(known, (category) => places.get(category) ?? -1);
      const result = codes.finish();
      for (let i = 0; i < result.length; i++) if (result[i] >= 0) result[i] = moved[result[i]];
      return { name, kind: "categorical", codes: result, categories };
    },
  };
}

/**
 * A copy of a string that shares no memory: a cell is a view of the piece of the file it was cut
 * from, and a dictionary of views would keep many pieces alive.
 */
const detached = (text: string): string =>
  text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string);
