/** The digest: each paper with a link, what it is about, its votes, and whether it can be run. */
import type { DigestPaper } from "../content.ts";
import { siteUrl } from "../links.ts";
import { type Choice, labels, often } from "./choice.ts";
import { page, type Rendered, styles } from "./layout.ts";
import { html, type Markup } from "./markup.ts";
import { named, paragraphs, rule, wrap } from "./plainText.ts";
import { counted, dated, people, shorten, tidy } from "./words.ts";

export interface DigestMail {
  readonly site: URL;
  readonly choice: Choice;
  /** The day the digest is for. */
  readonly day: Date;
  readonly papers: readonly DigestPaper[];
  readonly manage: URL;
  readonly unsubscribe: URL;
}

const heading = { daily: "Papers of the day", weekly: "Papers of the week" } as const;
const run = "Verify and use it in your browser";

/** A paper in the words both bodies use. */
function said(paper: DigestPaper, site: URL) {
  const origin = [paper.venue ?? "", String(paper.year)].filter((part) => part !== "").join(" ");
  const votes = paper.votes === 0 ? "no votes yet" : counted(paper.votes, "vote");
  const credits = [people(paper.authors), tidy(origin), votes];
  return {
    title: tidy(paper.title) || "Untitled",
    credits: credits.filter((part) => part !== "").join(" · "),
    excerpt: tidy(paper.excerpt),
    url: siteUrl(site, paper.path),
    runnable: paper.runnable,
  };
}

type Said = ReturnType<typeof said>;

const asHtml = ({ title, credits, excerpt, url, runnable }: Said): Markup => html`
<div class="line" style="${styles.item}">
<h2 style="${styles.title}"><a class="link" style="${styles.titleLink}" href="${url}">${title}</a></h2>
<p class="muted" style="${styles.meta}">${credits}</p>
${excerpt === "" ? "" : html`<p class="text" style="${styles.summary}">${excerpt}</p>`}
${runnable ? html`<p style="${styles.run}"><a class="good" style="${styles.runLink}" href="${url}">${run}</a></p>` : ""}
</div>`;

const asText = ({ title, credits, excerpt, url, runnable }: Said): string =>
  [
    wrap(title),
    wrap(credits, "  "),
    ...(excerpt === "" ? [] : [wrap(excerpt, "  ")]),
    ...(runnable ? [wrap(`${run}:`, "  ")] : []),
    `  ${url}`,
  ].join("\n");

export function digestMail(mail: DigestMail): Rendered {
  const { site, choice, day, manage, unsubscribe } = mail;
  const papers = mail.papers.map((paper) => said(paper, site));
  const name = heading[choice.frequency];
  const others = papers.length - 1;
  const subject = `${shorten(papers[0].title, 90)}${others > 0 ? ` and ${counted(others, "more paper")}` : ""}`;
  const summary = [
    dated(day),
    counted(papers.length, "paper"),
    ...(choice.topics.length > 0 ? [labels(choice.topics)] : []),
  ].join(" · ");
  const why = `You get this ${often[choice.frequency]} because you confirmed a subscription.`;
  return {
    subject,
    html: page(
      site,
      `${name}, ${dated(day)}`,
      html`<h1 class="text" style="${styles.heading}">${name}</h1>
<p class="muted" style="${styles.meta};margin-bottom:20px">${summary}</p>
${papers.map(asHtml)}`,
      html`${why} <a class="link" style="${styles.link}" href="${manage}">Change it</a> or
<a class="link" style="${styles.link}" href="${unsubscribe}">unsubscribe</a>.`,
    ),
    text: paragraphs(
      named(site),
      `${name}\n${wrap(summary)}`,
      ...papers.map(asText),
      rule,
      `${wrap(why)}\n\nChange it:\n${manage}\n\nUnsubscribe:\n${unsubscribe}`,
    ),
  };
}
