import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "./testing/anyText.ts";
import { codeLink, cut, plainText } from "./text.ts";

test.each([
  ["  On the\n  Convergence\t of SGD ", "On the Convergence of SGD"],
  ["a\u0000b\u0007c\u009Fd", "abcd"],
  ["\u202Eevil\u202C title \u2066x\u2069", "evil title x"],
  ["שלום and سلام", "שלום and سلام"],
  ["می\u200Cخواهم 👩\u200D🔬", "می\u200Cخواهم 👩\u200D🔬"],
  ["e\u0301tude", "étude"],
  ["lone \uD800 half", "lone \uFFFD half"],
  ["$\\alpha$ < β & γ", "$\\alpha$ < β & γ"],
])("%j becomes %j", (text, plain) => expect(plainText(text)).toBe(plain));

test("a plain text is one line that stays as it is", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const plain = plainText(text);
      expect(plain).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(plain.isWellFormed()).toBe(true);
      expect(plainText(plain)).toBe(plain);
    }),
  );
});

test("cutting keeps to the length and does not halve a character", () => {
  expect(cut("étude", 5)).toBe("étude");
  expect(cut("études", 5)).toBe("étud…");
  expect(cut("ab👩🔬", 4)).toBe("ab…");
});

test.each([
  ["Code: https://github.com/owner/name", "https://github.com/owner/name"],
  ["at github.com/owner/na.me_2-x.", "https://github.com/owner/na.me_2-x"],
  ["(https://www.GitHub.com/Owner/Name)", "https://github.com/Owner/Name"],
  ["http://github.com/owner/name.git", "https://github.com/owner/name"],
  ["\\url{https://gitlab.com/owner/name/-/tree/main}", "https://gitlab.com/owner/name"],
  ["https://codeberg.org/owner/name, 12 pages", "https://codeberg.org/owner/name"],
  ["https://github.com/owner", undefined],
  ["https://notgithub.com/owner/name", undefined],
  ["https://github.com.example.org/owner/name", undefined],
  ["https://owner.github.io/name/", undefined],
  ["https://github.com/owner/..", undefined],
  ["12 pages, 3 figures", undefined],
])("the code of %j is %s", (text, link) => expect(codeLink(undefined, text)).toBe(link));

test("the first text that has a link is taken", () => {
  expect(codeLink("https://github.com/a/b", "https://github.com/c/d")).toBe(
    "https://github.com/a/b",
  );
});
