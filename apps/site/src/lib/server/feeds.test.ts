import { XMLParser, XMLValidator } from "fast-xml-parser";
import { expect, it } from "vitest";
import { atom, escaped, jsonFeed, rss } from "./feeds.ts";
import type { PublicPaper } from "./publicPaper.ts";

const base = "https://papers.example";
const hostile = `<script>alert("1")</script> ]]> & \u0000\u0008\ud800 'x' \u202e`;
const paper: PublicPaper = {
  slug: null,
  arxiv: "2305.18502",
  title: hostile,
  authors: [hostile, "B"],
  year: 2023,
  venue: null,
  summary: null,
  abstract: hostile,
  topics: ["tabular"],
  published: "2023-05-29T00:00:00.000Z",
  listed: "2026-01-02T03:04:05.000Z",
  votes: 3,
  runnable: false,
  url: `${base}/papers/2305.18502`,
};
const text = escaped(hostile);

it.each([rss, atom])("writes XML that a reader understands, whatever is in a title", (feed) => {
  const xml = feed([paper], base);
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml).not.toContain("<script");
  const parsed = new XMLParser({ ignoreAttributes: false, processEntities: false }).parse(xml);
  const [item] = [parsed.rss?.channel.item ?? parsed.feed.entry].flat();
  expect(item.title).toBe(text.trim());
});

it("dates a feed by its newest paper, and an empty one too", () => {
  expect(atom([paper], base)).toContain("<updated>2026-01-02T03:04:05.000Z</updated>");
  expect(XMLValidator.validate(atom([], base))).toBe(true);
  expect(XMLValidator.validate(rss([], base))).toBe(true);
});

it("writes a JSON feed", () => {
  expect(jsonFeed([paper], base).items[0]).toMatchObject({
    id: paper.url,
    title: hostile,
    content_text: hostile,
    tags: ["tabular"],
  });
});
