import fc from "fast-check";

const character = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0xffff }),
    fc.integer({ min: 0x10000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));

/** Any text: controls, lone halves of characters and unassigned ones included. */
export const anyText = (maxLength = 40): fc.Arbitrary<string> =>
  fc.string({ unit: character, maxLength });
