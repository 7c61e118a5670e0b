/** `etude new`: the folder of a paper, ready to be filled. */
import path from "node:path";
import type { PaperCard } from "@etude/papers/cards";
import { UsageError } from "@etude/papers/errors";
import { chooseCard } from "../choosePaper.ts";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { newCard } from "../newCard.ts";
import { papersFolder } from "../papers.ts";
import { apply, planPaper } from "../scaffold.ts";

export default command({
  name: "new",
  describe: "Begin a paper: a folder that runs and passes its tests at once",
  words: [
    {
      name: "slug",
      describe: "the name of a card that has no folder yet, or a new name",
      required: true,
      completes: "papers",
    },
  ],
  flags: {
    title: { type: "text", describe: "For a new card: the title" },
    authors: { type: "text", describe: "For a new card: with semicolons between" },
    year: { type: "number", describe: "For a new card: of publication" },
    venue: { type: "text", describe: "For a new card: where it appeared", otherwise: "arXiv" },
    topics: { type: "text", describe: "For a new card: two or more, with commas between" },
    arxiv: { type: "text", describe: "For a new card: its number, such as 2107.07075" },
    doi: { type: "text", describe: "For a new card" },
    code: { type: "text", describe: "For a new card: the authors' own repository" },
  },
  examples: [
    ["new data-diet", "for a card there is"],
    [
      'new heavy-tails --title "Heavy Tails" --authors "Ada Byron; Emmy Noether" --year 2024 --topics optimisation,learning-theory',
      "with a new card",
    ],
  ],
  notes: "What belongs into the folder: docs/adding-a-paper.md.",
  async run({ words: [slug], flags }, { terminal, papers: load }) {
    const papers = await load();
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slug)) {
      throw new UsageError(
        `${slug}: a name is of small letters, digits and dashes, such as data-diet`,
      );
    }
    if (papers.isRunnable(slug)) {
      throw new UsageError(`${slug} has a folder: ${inRepository(papers.folder(slug))}`);
    }
    const facts = Object.keys(flags).find(
      (name) => flags[name as keyof typeof flags] !== undefined,
    );
    const hasCard = papers.cards.some((card) => card.slug === slug);
    if (hasCard && facts !== undefined) {
      throw new UsageError(
        `--${facts}: ${slug} has a card; change packages/papers/src/cards/${slug}.ts`,
      );
    }
    const card: PaperCard =
      hasCard || facts === undefined
        ? cardOrAdvice(() => chooseCard(papers, slug))
        : newCard(slug, flags, Object.keys(papers.topics));
    const changes = await planPaper(papersFolder, card, !hasCard);
    await apply(papersFolder, changes);
    for (const { file } of changes) terminal.out(inRepository(path.join(papersFolder, file)));
    terminal.out(nextSteps(slug));
    return exit.done;
  },
});

function cardOrAdvice(choose: () => PaperCard): PaperCard {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message} (for a new card give --title and the other facts)`);
  }
}

const inRepository = (place: string): string => path.relative(process.cwd(), place) || ".";

const nextSteps = (slug: string): string => `
The folder holds a small finished paper: replace it file by file. It works already:
  etude verify ${slug} --preset smoke
  npx vitest run packages/papers/src/${slug}
  npm run check
What belongs where: docs/adding-a-paper.md; when it is finished: the list in its README.md.`;
