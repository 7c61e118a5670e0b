/** The newest papers in the three formats that readers of feeds understand. */
import type { PublicPaper } from "./publicPaper.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text as XML may carry it: what XML has no way to write is left out. */
export const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"']/g, (character) => entities[character]);

const about = (paper: PublicPaper): string => paper.summary ?? paper.abstract ?? "";
const newest = (papers: readonly PublicPaper[]): string =>
  papers.reduce((last, { listed }) => (listed > last ? listed : last), "1970-01-01T00:00:00.000Z");

const title = "Etude: papers you can run";
const tagline = "Trending machine-learning papers: read, verify and use them.";

export function rss(papers: readonly PublicPaper[], base: string): string {
  const items = papers.map(
    (paper) => `<item>
<title>${escaped(paper.title)}</title>
<link>${escaped(paper.url)}</link>
<guid isPermaLink="true">${escaped(paper.url)}</guid>
<pubDate>${new Date(paper.listed).toUTCString()}</pubDate>
<description>${escaped(about(paper))}</description>
${paper.authors.map((author) => `<dc:creator>${escaped(author)}</dc:creator>`).join("\n")}
${paper.topics.map((topic) => `<category>${escaped(topic)}</category>`).join("\n")}
</item>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>${title}</title>
<link>${escaped(base)}/</link>
<description>${tagline}</description>
<lastBuildDate>${new Date(newest(papers)).toUTCString()}</lastBuildDate>
<atom:link href="${escaped(base)}/feeds/rss.xml" rel="self" type="application/rss+xml"/>
${items.join("\n")}
</channel>
</rss>
`;
}

export function atom(papers: readonly PublicPaper[], base: string): string {
  const entries = papers.map(
    (paper) => `<entry>
<title>${escaped(paper.title)}</title>
<id>${escaped(paper.url)}</id>
<link href="${escaped(paper.url)}"/>
<published>${paper.published}</published>
<updated>${paper.listed}</updated>
${paper.authors.map((author) => `<author><name>${escaped(author)}</name></author>`).join("\n")}
${paper.topics.map((topic) => `<category term="${escaped(topic)}"/>`).join("\n")}
<summary>${escaped(about(paper))}</summary>
</entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>${title}</title>
<subtitle>${tagline}</subtitle>
<id>${escaped(base)}/</id>
<link href="${escaped(base)}/"/>
<link rel="self" href="${escaped(base)}/feeds/atom.xml"/>
<updated>${newest(papers)}</updated>
${entries.join("\n")}
</feed>
`;
}

/** JSON Feed 1.1. */
export const jsonFeed = (papers: readonly PublicPaper[], base: string) => ({
  version: "https://jsonfeed.org/version/1.1",
  title,
  description: tagline,
  home_page_url: `${base}/`,
  feed_url: `${base}/feeds/feed.json`,
  items: papers.map((paper) => ({
    id: paper.url,
    url: paper.url,
    title: paper.title,
    content_text: about(paper),
    date_published: paper.listed,
    authors: paper.authors.map((name) => ({ name })),
    tags: paper.topics,
  })),
});
