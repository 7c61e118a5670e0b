import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAtom } from "./atom.ts";
import { SourceError } from "./errors.ts";
import { limits } from "./paper.ts";
import { anyText } from "./testing/anyText.ts";
import { entryXml, errorEntry, feedXml, type TestEntry } from "./testing/arxivServer.ts";
import { decodeEntities } from "./xml.ts";

const parse = (xml: string) => parseAtom(xml, "arxiv.test");
const parseEntries = (...entries: (TestEntry | string)[]) => parse(feedXml(entries));

test("reads what the API says of a paper", () => {
  const feed = parse(
    feedXml(
      [
        {
          id: "2305.18502v2",
          title: "Escaping mediocrity:\n  how two-layer networks learn $f(x)<0$ & more",
          summary: "  This study explores\nthe sample complexity.\n",
          published: "2023-05-29T17:59:59Z",
          updated: "2024-03-05T10:00:00Z",
          authors: ["Luca Arnaboldi", "Florent Krzakala", "Bruno Łoureiro"],
          categories: ["stat.ML", "cond-mat.dis-nn", "cs.LG", "68T07", "I.2.6; I.2.7"],
          doi: "10.1088/1742-5468/ad1234 10.1000/second",
          comment: "22 pages, code at https://github.com/owner/name.",
        },
      ],
      { total: 17 },
    ),
  );
  expect(feed).toEqual({
    total: 17,
    entries: 1,
    skipped: [],
    papers: [
      {
        arxiv: "2305.18502",
        version: 2,
        title: "Escaping mediocrity: how two-layer networks learn $f(x)<0$ & more",
        authors: ["Luca Arnaboldi", "Florent Krzakala", "Bruno Łoureiro"],
        abstract: "This study explores the sample complexity.",
        categories: ["stat.ML", "cond-mat.dis-nn", "cs.LG"],
        published: new Date("2023-05-29T17:59:59Z"),
        updated: new Date("2024-03-05T10:00:00Z"),
        doi: "10.1088/1742-5468/ad1234",
        source: "arxiv",
        code: "https://github.com/owner/name",
      },
    ],
  });
});

test("an old identifier, and an optional field that is not what it should be", () => {
  const { papers } = parseEntries({ id: "hep-th/9901001v3", doi: "to appear", comment: "9 pages" });
  expect(papers[0]).toMatchObject({ arxiv: "hep-th/9901001", version: 3 });
  expect(papers[0]).not.toHaveProperty("doi");
  expect(papers[0]).not.toHaveProperty("code");
});

test("an empty feed has no papers", () => {
  expect(parse(feedXml([]))).toEqual({ total: 0, entries: 0, papers: [], skipped: [] });
});

const bad: [string, string, string, string][] = [
  ["date that is none", "2024-05-01T12:00:00Z", "yesterday", "published: not a date with a time"],
  ["day that is none", "2024-05-01T12:00:00Z", "2024-02-30T12:00:00Z", "published: not a date"],
  ["date without time", "2024-05-01T12:00:00Z", "2024-05-01", "published: not a date with a time"],
  ["date long ago", "2024-05-01T12:00:00Z", "0024-05-01T12:00:00Z", "published: out of range"],
  ["title of nothing", "Paper 2405.00002v1", " &#10; ", "title: empty"],
  ["author of nothing", "Ada Lovelace", "", "authors.0: empty"],
  ["title of markup", "Paper 2405.00002v1", "</title><title>", "title: Invalid input"],
  ["identifier that is none", "abs/2405.00002v1", "abs/unknown", "id: not an identifier of arXiv"],
];
test.each(bad)(
  "an entry with a %s is skipped and named, the others are not",
  (_, from, to, why) => {
    const entry = entryXml({ id: "2405.00002v1" }).replaceAll(from, to);
    const feed = parseEntries({ id: "2405.00001v1" }, entry, { id: "2405.00003v1" });
    expect(feed.papers.map(({ arxiv }) => arxiv)).toEqual(["2405.00001", "2405.00003"]);
    expect(feed.entries).toBe(3);
    expect(feed.skipped).toEqual([
      { id: expect.stringMatching(/abs\/(2405\.00002v1|unknown)$/), problem: expect.any(String) },
    ]);
    expect(feed.skipped[0]?.problem).toContain(why);
  },
);

test("an entry that lacks everything is named by its place", () => {
  const { papers, skipped } = parseEntries({ id: "2405.00001v1" }, "<entry/>");
  expect(papers).toHaveLength(1);
  expect(skipped).toEqual([{ id: "entry 2", problem: expect.stringMatching(/^id: /) }]);
});

test("a title of 5 MB and 100,000 authors are nobody's; a long abstract and name are cut", () => {
  const title = parseEntries({ id: "2405.00001v1", title: "x".repeat(5_000_000) });
  expect(title.papers).toEqual([]);
  expect(title.skipped[0]?.problem).toBe("title: more than 1,000 characters");

  const authors = Array.from({ length: 100_000 }, (_, i) => `A. ${i}`);
  const crowd = parseEntries({ id: "2405.00001v1", authors }, { id: "2405.00002v1" });
  expect(crowd.papers).toHaveLength(1);
  expect(crowd.skipped[0]?.problem).toBe("authors: more than 10,000 authors");

  const long = parseEntries({
    id: "2405.00001v1",
    summary: "x".repeat(limits.abstract + 1),
    authors: ["y".repeat(5_000)],
  });
  expect(long.papers[0]?.abstract).toBe(`${"x".repeat(limits.abstract - 1)}…`);
  expect(long.papers[0]?.authors).toEqual([`${"y".repeat(limits.author - 1)}…`]);
});

test("of doubles in a page the newest version is kept", () => {
  const doubles = ["2405.00001v1", "2405.00001v3", "2405.00001v2", "2405.00001v3"];
  const entries = doubles.map((id, i) => ({ id, title: `Title ${i}` }));
  const { papers, entries: n } = parseEntries(...entries);
  expect(papers).toMatchObject([{ arxiv: "2405.00001", version: 3, title: "Title 1" }]);
  expect(n).toBe(4);
});

test("scripts of all directions stay; what would turn the page around does not", () => {
  const title = "\u202Eלמידה עמוקה\u202C — 深層学習 &#x202E; und Größe 𝒪(√n) 🎹";
  const xml = feedXml([entryXml({ id: "2405.00001v1" }).replace("Paper 2405.00001v1", title)]);
  expect(parse(xml).papers[0]?.title).toBe("למידה עמוקה — 深層学習 und Größe 𝒪(√n) 🎹");
});

test("only the five entities and numeric ones are decoded, once, and not in CDATA", () => {
  expect(decodeEntities("&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#X43;")).toBe("<>&\"'ABC");
  expect(decodeEntities("&amp;lt; &nbsp; &xxe; &toString; &; &#; &#x;")).toBe(
    "&lt; &nbsp; &xxe; &toString; &; &#; &#x;",
  );
  expect(decodeEntities("&#0;&#xD800;&#1114112;&#9999999;")).toBe("\uFFFD".repeat(4));
  const xml = feedXml([
    entryXml({ id: "2405.00001v1", title: "T" }).replace("T<", "a <![CDATA[&amp;<b>]]> c<"),
  ]);
  expect(parse(xml).papers[0]?.title).toBe("a &amp;<b> c");
});

const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
  { length: 10 },
  (_, i) => `<!ENTITY lol${i + 1} "${`&lol${i || ""};`.repeat(10)}">`,
).join("")}]><feed>&lol10;</feed>`;
test.each([
  ["a billion laughs", laughs],
  ["an external entity", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed>&x;</feed>'],
  ["an external DTD", '<!DOCTYPE feed SYSTEM "http://127.0.0.1/x.dtd"><feed></feed>'],
  ["a document type in other letters", "<!doctype html><feed></feed>"],
])("%s is refused before anything reads it", (_, xml) =>
  expect(() => parse(xml)).toThrow("arxiv.test: sent XML with a document type, which is refused"),
);

test.each([
  ["nothing", ""],
  ["plain text", "Rate exceeded."],
  ["HTML", "<html><body><p>Sorry<br></body></html>"],
  ["another document", "<?xml version='1.0'?><rss></rss>"],
  ["a feed without a total", "<feed><entry></entry></feed>"],
  ["JSON", '{"feed": []}'],
  ["deep nesting", `${"<a>".repeat(100_000)}${"</a>".repeat(100_000)}`],
  ["a name of JavaScript's", "<feed><__proto__><total>1</total></__proto__></feed>"],
  ["UTF-16", feedXml([]).split("").join("\0")],
])("%s is not a feed, in one line", (_, xml) => {
  expect(() => parse(xml)).toThrow(SourceError);
  expect(() => parse(xml)).toThrow(/^arxiv\.test: sent XML .+$/);
});

test("XML that breaks off anywhere is an error and never a part of the feed", () => {
  const xml = feedXml([{ id: "2405.00001v1" }, { id: "2405.00002v1" }]).trimEnd();
  for (let end = 0; end < xml.length; end++)
    expect(() => parse(xml.slice(0, end))).toThrow(SourceError);
});

test("an error that the API reports with the status 200 is one", () => {
  expect(() => parseEntries(errorEntry("incorrect id format for x"))).toThrow(
    'arxiv.test: reports an error: "incorrect id format for x"',
  );
});

test("whatever it is given, it throws nothing but errors of one line", () => {
  const xml = feedXml([{ id: "2405.00001v1", comment: "c", doi: "10.1000/1" }]);
  const pieces = ["<entry>", "</entry>", "<id>", "]]>", "<![CDATA[", "&", "&#x0;", "<!--", "-->"];
  const piece = fc.oneof(anyText, fc.constantFrom(...pieces, "<?xml", "'", '"'));
  const damaged = fc
    .tuple(fc.nat(xml.length), fc.nat(60), piece)
    .map(([at, length, put]) => xml.slice(0, at) + put + xml.slice(at + length));
  const soup = fc.array(piece).map((parts) => `<feed>${parts.join("")}</feed>`);
  fc.assert(
    fc.property(fc.oneof(damaged, damaged, soup, anyText), (text) => {
      try {
        const { papers, skipped, entries } = parse(text);
        expect(papers.length + skipped.length).toBeLessThanOrEqual(entries);
        for (const { title, published } of papers) {
          expect(title).not.toBe("");
          expect(published.getTime()).not.toBeNaN();
        }
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        expect(error.message).not.toMatch(/[\r\n]/);
      }
    }),
    { numRuns: 1_000 },
  );
});
