import fc from "fast-check";

/** Any text at all: of all UTF-16 units alike, halves of characters included. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)))
  .map((units) => String.fromCharCode(...units));
