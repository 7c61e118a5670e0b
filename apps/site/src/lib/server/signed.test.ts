import fc from "fast-check";
import { expect, it } from "vitest";
import { sign, unsign } from "./signed.ts";

const secret = new Uint8Array(32).fill(7);

it("gives back what it signed, for the same purpose and secret only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, other) => {
      const signed = sign("visitor", value, secret);
      expect(unsign("visitor", signed, secret)).toBe(value);
      expect(unsign("report", signed, secret)).toBeUndefined();
      expect(unsign("visitor", signed, new Uint8Array(32))).toBeUndefined();
      if (other !== value) {
        const swapped = other + signed.slice(value.length);
        expect(unsign("visitor", swapped, secret)).toBeUndefined();
      }
    }),
  );
});

it("refuses what is no signature", () => {
  for (const text of ["", ".", "a", "a.", "a.b", `a.${"A".repeat(43)}`])
    expect(unsign("visitor", text, secret)).toBeUndefined();
});
