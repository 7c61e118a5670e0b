import { describe, expect, test } from "vitest";
import { cleanLine, cleanText } from "./text.ts";

describe("cleanLine", () => {
  test("takes out what PostgreSQL refuses and what turns text around", () => {
    expect(cleanLine("a\0b\u202Ec\u2066d\u200Fe\u0007f\uFEFF g", 100)).toBe("abcdef g");
  });

  test("leaves letters, joiners and emoji of all scripts", () => {
    const text = "نقطه‌گذاری שלום 深度学习 👩‍🔬 naïve";
    expect(cleanLine(text, 100)).toBe(text);
  });

  test("makes one line of several", () => {
    expect(cleanLine("  Deep\n  learning\t\r\n on   tables ", 100)).toBe("Deep learning on tables");
  });

  test("cuts to a length, between characters", () => {
    expect(cleanLine("abcdef", 4)).toBe("abc…");
    expect(cleanLine("abcd", 4)).toBe("abcd");
    expect(cleanLine("ab👩cd", 4)).toBe("ab…");
    expect(cleanLine("x".repeat(1_000_000), 10)).toBe(`${"x".repeat(9)}…`);
  });

  test("mends halves of characters", () => {
    expect(cleanLine("a\uD800b", 10)).toBe("a\uFFFDb");
  });
});

test("cleanText keeps paragraphs", () => {
  expect(cleanText(" one\n\ntwo\0 ", 100)).toBe("one\n\ntwo");
});
