/** `etude read`: what a paper is, claims and takes. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { AnyExperiment, Paper } from "@etude/papers";
import type { PaperCard } from "@etude/papers/cards";
import { formatBar, formatExpected } from "@etude/papers/report/numbers";
import { chooseCard } from "../choosePaper.ts";
import { command } from "../command.ts";
import { exit } from "../exit.ts";
import { renderMarkdown } from "../markdown.ts";
import { entry, heading, type Page, paragraph } from "../prose.ts";
import type { PaperSource } from "../session.ts";
import { painter } from "../terminal.ts";

export default command({
  name: "read",
  describe: "Show what a paper is, what it claims, and what verifying and using it takes",
  words: [{ name: "paper", describe: "the name of a paper", required: true, completes: "papers" }],
  flags: {
    full: { type: "switch", describe: "The guide of its folder as well" },
    json: { type: "switch", describe: "The card, presets and claims as JSON" },
  },
  examples: [
    ["read gbnn", "the card, the presets, the claims"],
    ["read gbnn --full", "and how it is called, what was measured, where it differs"],
  ],
  async run({ words: [slug], flags }, { terminal, papers: load }) {
    const papers = await load();
    const card = chooseCard(papers, slug);
    const paper = papers.isRunnable(slug) ? await papers.load(slug) : undefined;
    if (flags.json) {
      const details = paper === undefined ? {} : runningOf(paper);
      terminal.out(JSON.stringify({ ...card, runnable: paper !== undefined, ...details }, null, 2));
      return exit.done;
    }
    const page: Page = { columns: terminal.columns, paint: painter(terminal.color.out) };
    terminal.out(cardText(card, papers, page));
    if (paper === undefined) {
      terminal.out("\nIt can only be read so far.");
      return exit.done;
    }
    terminal.out(`\n${experimentText(paper, page)}\n\n${usingText(paper, papers, page)}`);
    const guide = await readGuide(papers.folder(slug));
    if (guide !== undefined) {
      terminal.out("");
      terminal.out(
        flags.full ? renderMarkdown(guide, page) : `Its guide: etude read ${slug} --full`,
      );
    }
    return exit.done;
  },
});

function cardText(card: PaperCard, papers: PaperSource, page: Page): string {
  const { title, authors, venue, year, arxiv, doi, code } = card;
  const links = [
    ...(arxiv === undefined ? [] : [`https://arxiv.org/abs/${arxiv}`]),
    ...(doi === undefined ? [] : [`https://doi.org/${doi}`]),
    ...(code === undefined ? [] : [`${code} (the authors' code)`]),
  ];
  const similar = papers.similar(card.slug, 4).map(({ slug }) => slug);
  return [
    heading(title, page),
    paragraph(authors.join(", "), page),
    paragraph(venue === "arXiv" ? `arXiv ${year}` : `${venue}, ${year}`, page),
    ...links,
    "",
    paragraph(card.summary, page),
    "",
    entry("claims", card.claim, page),
    entry("use", card.uses, page),
    entry("verify", card.verifies, page),
    entry("topics", card.topics.map((topic) => papers.topics[topic]).join("; "), page),
    ...(similar.length === 0 ? [] : [entry("similar", similar.join(", "), page)]),
  ].join("\n");
}

function experimentText({ card, experiment }: Paper, page: Page): string {
  const presets = Object.entries(experiment.presets).map(([name, { options, seeds, minutes }]) => {
    const data = experiment.data(options).join(", ") || "no data";
    const count = seeds.length === 1 ? "1 seed" : `${seeds.length} seeds`;
    return entry(`  ${name}`, `${formatExpected(minutes)}, ${count}, data: ${data}`, page);
  });
  const claims = decided(experiment);
  return [
    heading(`Verify: etude verify ${card.slug} [--preset quick]`, page),
    paragraph(experiment.description, page, { indent: "  " }),
    ...presets,
    "",
    heading("Claims", page),
    ...claims.flatMap(({ id, statement, bar, paper }) => [
      paragraph(`${statement} Bar: ${formatBar(bar)}.`, page, { indent: "    ", first: "  - " }),
      paragraph(`${id}; the paper: ${paper}`, page, { indent: "    " }),
    ]),
  ].join("\n");
}

/** The claims that the quick preset decides. */
const decided = (experiment: AnyExperiment) => experiment.claims(experiment.presets.quick.options);

function usingText({ card, use, method }: Paper, papers: PaperSource, page: Page): string {
  const folder = path.relative(process.cwd(), papers.folder(card.slug)) || ".";
  return [
    heading(`Use: etude use ${card.slug} --help`, page),
    paragraph(use.description, page, { indent: "  " }),
    ...use.examples.map((line) => `    etude use ${card.slug} ${line}`),
    "",
    heading("The method, in the order to read it", page),
    ...method.map((file) => `  ${path.join(folder, file)}`),
  ].join("\n");
}

function runningOf({ experiment, use, method }: Paper): object {
  const presets = Object.entries(experiment.presets).map(([name, preset]) => {
    return [name, { ...preset, data: experiment.data(preset.options) }];
  });
  const claims = decided(experiment).map(({ id, statement, paper, bar }) => {
    return { id, statement, paper, bar };
  });
  return {
    method,
    experiment: {
      description: experiment.description,
      presets: Object.fromEntries(presets),
      claims,
    },
    use: { description: use.description, inputs: use.inputs, examples: use.examples },
  };
}

async function readGuide(folder: string): Promise<string | undefined> {
  try {
    return await readFile(path.join(folder, "README.md"), "utf8");
  } catch {
    return undefined; // Not every folder has one.
  }
}
