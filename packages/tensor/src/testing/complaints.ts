/** Tables of mistakes and what the error must say about each. */
import { expect, test } from "vitest";
import { TensorError } from "../errors.ts";

type Row = [name: string, run: () => unknown, ...mentions: string[]];

/** Every error is a TensorError that names the operation, what it was given and the line that called it. */
export function complains(rows: readonly Row[]): void {
  for (const [name, run, ...mentions] of rows) {
    test(name, () => {
      let caught: unknown;
      try {
        run();
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(TensorError);
      const { message } = caught as TensorError;
      for (const mention of mentions) expect(message).toContain(mention);
      expect(message).toMatch(/\n {4}at .*\.test\.ts:\d+:\d+$/);
    });
  }
}
