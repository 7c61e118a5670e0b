/** `etude list`: which papers there are. */
import { nearNames } from "@etude/data/names";
import type { PaperCard } from "@etude/papers/cards";
import { UsageError } from "@etude/papers/errors";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { listing } from "../listing.ts";

export default command({
  name: "list",
  describe: "List the papers, all or those about something",
  words: [
    { name: "query", describe: "words to look for in titles, authors and summaries", many: true },
  ],
  flags: {
    topic: { type: "text", describe: "Only papers of this topic" },
    runnable: { type: "switch", describe: "Only papers that can be verified and used" },
    json: { type: "switch", describe: "The cards as JSON" },
  },
  examples: [
    ["list", "all papers"],
    ["list diffusion", "papers in whose card the word occurs"],
    ["list --topic tabular --runnable", "papers on tables that can be run"],
  ],
  notes: "A tick marks the papers that can be verified and used; the others can be read.",
  async run({ words, flags }, session) {
    const { terminal } = session;
    const papers = await session.papers();
    const { topic } = flags;
    if (topic !== undefined && !Object.hasOwn(papers.topics, topic)) {
      throw unknownTopic(topic, Object.keys(papers.topics));
    }
    const found = papers.cards.filter(
      (card) =>
        words.every((word) => mentions(card, word)) &&
        (topic === undefined || card.topics.some((own) => own === topic)) &&
        (!flags.runnable || papers.isRunnable(card.slug)),
    );
    if (flags.json) {
      const entries = found.map((card) => ({ ...card, runnable: papers.isRunnable(card.slug) }));
      terminal.out(JSON.stringify(entries, null, 2));
      return exit.done;
    }
    if (found.length === 0) {
      terminal.err("no paper fits; `etude list` shows all of them");
      return exit.done;
    }
    const rows = found.map(({ slug, year, title }) => [
      papers.isRunnable(slug) ? "✓" : "",
      slug,
      String(year),
      title,
    ]);
    terminal.out(listing(["", "paper", "year", "title"], rows, terminal));
    const ready = found.filter(({ slug }) => papers.isRunnable(slug)).length;
    terminal.out(
      `\n${countOf(found.length)}, ${ready} of them can be run (✓). More: etude read <paper>`,
    );
    return exit.done;
  },
});

const countOf = (papers: number): string => (papers === 1 ? "1 paper" : `${papers} papers`);

function mentions(card: PaperCard, word: string): boolean {
  const { slug, title, authors, summary, claim, uses, verifies, topics, venue, year } = card;
  return [slug, title, ...authors, summary, claim, uses, verifies, ...topics, venue, year]
    .join("\n")
    .toLowerCase()
    .includes(word.toLowerCase());
}

function unknownTopic(topic: string, topics: readonly string[]): UsageError {
  const near = nearNames(topic, topics);
  const hint =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${topics.join(", ")}`;
  return new UsageError(`--topic ${topic}: there is no such topic; ${hint}`);
}
