import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserExpected, openBrowser } from "../../../tensor/src/testing/browser.ts";
import { digestPapers } from "../testing/papers.ts";
import { link, rendered, site } from "../testing/rendered.ts";
import { digestMail } from "./digest.ts";
import { html } from "./markup.ts";
import { wrap } from "./plainText.ts";
import { firstSentences, people, shorten, tidy } from "./words.ts";

const mails = Object.entries(rendered);

const digestOf = (title: string) =>
  digestMail({
    site,
    choice: { frequency: "weekly", topics: [title] },
    day: new Date("2026-11-23"),
    papers: [{ ...digestPapers[0], title, excerpt: title, authors: [title], venue: title }],
    manage: link("manage"),
    unsubscribe: link("unsubscribe"),
  });

/** Where links and sources lead. */
const targets = (source: string) =>
  [...source.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url]) => url);

describe.each(mails)("%s", (_, mail) => {
  test("has no scripts, images, tables, and nothing from elsewhere", () => {
    expect(mail.html).not.toMatch(
      /<(script|img|table|iframe|form|link|object|svg)\b|url\(|@import/i,
    );
    for (const url of targets(mail.html)) expect(new URL(url).origin).toBe(site.origin);
  });

  test("leads to the same places in both bodies", () => {
    const inText = mail.text.match(/https:\/\/etude\.example\/\S*/g) ?? [];
    expect(new Set(inText)).toEqual(new Set(targets(mail.html)));
  });

  test("has lines of at most 72 characters, addresses of pages apart", () => {
    for (const line of mail.text.split("\n")) {
      if (!line.trimStart().startsWith("https://")) expect(line.length).toBeLessThanOrEqual(72);
    }
    expect(mail.text).not.toMatch(/ $/m);
  });

  test("adapts to dark readers", () => {
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(mail.html).toContain("@media (prefers-color-scheme: dark)");
  });
});

test("a digest says of each paper what it is, its votes, and whether it can be run", () => {
  const { html: source, text, subject } = rendered.digest;
  expect(subject).toBe("Gradient Boosting Neural Networks: GrowNet Revisited and 2 more papers");
  for (const body of [source, text.replace(/\n +/g, " ")]) {
    expect(body).toContain("Ada Lovelace, Charles Babbage · ICML 2026 · 42 votes");
    expect(body).toContain("Kurt Gödel, Emmy Noether, Alan Turing and 2 more · 2026 · 1 vote");
    expect(body).toContain("matches boosted trees at a tenth of their size.");
    expect(body.match(/Verify and use it in your browser/g)).toHaveLength(1);
  }
});

test("hostile text stays text", () => {
  const title = `<script>alert(1)</script> "><img src=x onerror='a'> &amp; \u202eevil\0 ${"{{x}}"}`;
  const { html: source, text, subject } = digestOf(title);
  expect(source).not.toMatch(/<script|<img/);
  expect(source).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&gt;&lt;img src=x");
  expect(source).toContain("&amp;amp;");
  for (const body of [source, text, subject]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
    expect(body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
  expect(text).toContain("<script>alert(1)</script>");
});

describe("words", () => {
  test("tidy leaves one line of printable text", () => {
    expect(tidy("  a\r\nb\u2028c\u0000\td \u202ee\ud800 ")).toBe("a b c d e\ufffd");
  });

  test("shorten cuts between words and never through a character", () => {
    expect(shorten("a few words", 11)).toBe("a few words");
    expect(shorten("a few more words", 12)).toBe("a few more …");
    expect(shorten("😀😀😀😀", 5)).toBe("😀 …");
    expect(shorten("x".repeat(50), 10)).toBe(`${"x".repeat(8)} …`);
  });

  test("firstSentences takes whole sentences", () => {
    const abstract = "One thing is shown. Another, e.g. this,\nis not. A third is left out.";
    expect(firstSentences(abstract, 50)).toBe("One thing is shown. Another, e.g. this, is not.");
    expect(firstSentences("A sentence that is too long", 20)).toBe("A sentence that …");
    expect(firstSentences("")).toBe("");
  });

  test("people names three", () => {
    expect(people(["A", "B", "C"])).toBe("A, B, C");
    expect(people(["A", "B", "C", "D\n", "E"])).toBe("A, B, C and 2 more");
  });

  test("wrap breaks words that are longer than a line, but no addresses", () => {
    expect(wrap("字".repeat(80))).toBe(`${"字".repeat(72)}\n${"字".repeat(8)}`);
    const url = `https://etude.example/${"x".repeat(80)}`;
    expect(wrap(`see ${url} there`, "  ")).toBe(`  see\n  ${url}\n  there`);
  });
});

test("html escapes everything but markup", () => {
  const inner = html`<b>${"<"}</b>`;
  expect(html`<a title="${`"'`}">${inner}${[inner, inner]}${3}</a>`.source).toBe(
    '<a title="&quot;&#39;"><b>&lt;</b><b>&lt;</b><b>&lt;</b>3</a>',
  );
});

describe.runIf(browserExpected)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  const hostile: [string, { html: string }] = [
    "hostile digest",
    digestOf(`${"W".repeat(400)} ${"字".repeat(200)}`),
  ];

  test.each([...mails, hostile])("%s fits a width of 320 pixels", async (_, mail) => {
    const page = await browser.newPage({ viewport: { width: 320, height: 600 } });
    await page.setContent(mail.html);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    await page.close();
  });

  test.each(["light", "dark"] as const)(
    "text can be read on its ground in %s",
    async (colorScheme) => {
      const page = await browser.newPage({ viewport: { width: 700, height: 600 }, colorScheme });
      for (const [, mail] of mails) {
        await page.setContent(mail.html);
        const pairs: [string, string][] =
          await page.evaluate(`[...document.querySelectorAll("p, h1, h2, a, div[class]")]
        .map((e) => [getComputedStyle(e).color,
          getComputedStyle(e.closest(".button") ?? document.body).backgroundColor])`);
        for (const [ink, ground] of pairs) expect(contrast(ink, ground)).toBeGreaterThan(4.5);
      }
      await page.close();
    },
  );
});

/** WCAG 2 contrast of two colours as browsers write them: rgb(r, g, b). */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [r, g, b] = (colour.match(/\d+/g) ?? []).map((channel) => {
      const c = Number(channel) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}
