import { describe, expect, it } from "vitest";
import { renderMarkdown } from "./markdown.ts";

const page = { columns: 30, paint: (_: unknown, text: string) => text };
const painted = {
  columns: 30,
  paint: (format: unknown, text: string) => `<${String(format)}>${text}</>`,
};

describe("a README on a screen", () => {
  it("has its paragraphs joined and broken anew, and code as it is", () => {
    const source =
      "One\ntwo three four five six seven eight.\n\n```ts\nlet x =   1; // " +
      "x".repeat(40) +
      "\n```\nEnd.";
    expect(renderMarkdown(source, page)).toBe(
      `One two three four five six\nseven eight.\n\n    let x =   1; // ${"x".repeat(40)}\nEnd.`,
    );
  });

  it("keeps lists, quotations and tables apart", () => {
    const source =
      "- one two three four five six seven\n- two\n1. first\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |";
    expect(renderMarkdown(source, page)).toBe(
      "• one two three four five six\n  seven\n• two\n1. first\n  │ said\n\n| a | b |\n| 1 | 2 |",
    );
  });

  it("shows addresses of links, emphasis and headings", () => {
    expect(renderMarkdown("[site](https://x.org) [here](a.md)", page)).toBe(
      "site (https://x.org) here",
    );
    expect(renderMarkdown("# Head\n**a** *b* `c` d_e_f 2 * 3 * 4", painted)).toBe(
      "<bold,underline>Head</>\n<bold>a</> <italic>b</> <cyan>c</> d_e_f 2 * 3 * 4",
    );
  });
});
