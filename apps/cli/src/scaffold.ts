/**
 * A new paper: the folder `template` of the papers, which is a small finished paper itself and is
 * checked and tested as such, copied under another name and registered.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PaperCard } from "@etude/papers/cards";
import { UsageError } from "@etude/papers/errors";
import { camelCase } from "./checkFlags.ts";

/** The card whose place the template takes. */
const templateSlug = "data-diet";

/** A file to write, seen from the folder of the papers. */
export interface Change {
  readonly file: string;
  readonly content: string;
}

/**
 * All files that a new paper needs, new and changed ones; nothing is written.
 *
 * @param papers the folder of the papers, `packages/papers/src`
 * @param card an existing card, or a new one, which is then added to the others
 * @throws UsageError when the name is taken
 */
export async function planPaper(
  papers: string,
  card: PaperCard,
  isNewCard: boolean,
): Promise<readonly Change[]> {
  const { slug, title } = card;
  const names = await readdir(papers);
  if (names.includes(slug) || names.includes(`${slug}.ts`)) {
    throw new UsageError(`${slug}: packages/papers/src has a folder of this name already`);
  }
  const read = (file: string) => readFile(path.join(papers, file), "utf8");
  const templates = (await readdir(path.join(papers, "template"))).sort();
  const files = await Promise.all(
    templates.map(async (name): Promise<Change> => {
      const text = (await read(path.join("template", name))).replaceAll(templateSlug, slug);
      const content = name === "README.md" ? text.replace(/^# .*/, `# ${title}`) : text;
      return { file: path.join(slug, name), content };
    }),
  );
  const registry = { file: "registry.ts", content: register(await read("registry.ts"), slug) };
  return [...files, ...(isNewCard ? await cardChanges(read, card) : []), registry];
}

/** Writes them; new files first, so that what refers to them comes last. */
export async function apply(papers: string, changes: readonly Change[]): Promise<void> {
  for (const { file, content } of changes) {
    await mkdir(path.dirname(path.join(papers, file)), { recursive: true });
    await writeFile(path.join(papers, file), content);
  }
}

/** Adds a line to the table of folders, in the order of the alphabet. */
function register(source: string, slug: string): string {
  const line = `  ${propertyName(slug)}: () => import("./${slug}/paper.ts"),`;
  return insertSorted(source, line, {
    from: /^const folders\b.*= \{$/m,
    to: /^\};$/m,
    key: (line) => /import\("\.\/([^/"]+)/.exec(line)?.[1],
  });
}

const propertyName = (slug: string): string =>
  /^[a-z][a-z0-9]*$/.test(slug) ? slug : JSON.stringify(slug);

async function cardChanges(
  read: (file: string) => Promise<string>,
  card: PaperCard,
): Promise<readonly Change[]> {
  const { slug } = card;
  const name = camelCase(slug);
  const index = insertSorted(
    await read("cards/index.ts"),
    `import { card as ${name} } from "./${slug}.ts";`,
    { from: /^\/\*\*.*\*\/$/m, to: /^$/m, key: (line) => /from "\.\/(.+)\.ts"/.exec(line)?.[1] },
  );
  const listed = insertSorted(index, `  ${name},`, {
    from: /^export const cards\b.*\[$/m,
    to: /^\]/m,
    key: (line) => /^ {2}(\w+),$/.exec(line)?.[1],
  });
  const test = insertSorted(await read("cards/cards.test.ts"), `  "${slug}",`, {
    from: /^const slugs = \[$/m,
    to: /^\];$/m,
    key: (line) => /^ {2}"(.+)",$/.exec(line)?.[1],
  });
  return [
    { file: `cards/${slug}.ts`, content: cardSource(card) },
    { file: "cards/index.ts", content: listed },
    { file: "cards/cards.test.ts", content: test },
  ];
}

function cardSource(card: PaperCard): string {
  const fields = Object.entries(card).map(([name, value]) => {
    const text = Array.isArray(value)
      ? `[${value.map((each) => JSON.stringify(each)).join(", ")}]`
      : JSON.stringify(value);
    const line = `  ${name}: ${text},`;
    return line.length <= 100 || Array.isArray(value) ? line : `  ${name}:\n    ${text},`;
  });
  return [
    'import type { PaperCard } from "./card.ts";',
    "",
    "export const card: PaperCard = {",
    ...fields,
    "};",
    "",
  ].join("\n");
}

interface Region {
  /** The line before the region. */
  readonly from: RegExp;
  /** The first line after it. */
  readonly to: RegExp;
  /** What the lines of the region are sorted by; undefined for lines that are not entries. */
  key(line: string): string | undefined;
}

/** A line more among sorted lines of a source. */
function insertSorted(source: string, line: string, { from, to, key }: Region): string {
  const start = from.exec(source);
  const begin = start === null ? -1 : start.index + start[0].length + 1;
  const length = begin < 0 ? -1 : source.slice(begin).search(to);
  const own = key(line);
  if (length < 0 || own === undefined) {
    throw new Error(`the place for "${line.trim()}" was not found; add it by hand`);
  }
  const lines = source.slice(begin, begin + length).split("\n");
  if (lines.at(-1) === "") lines.pop();
  const after = lines.findIndex((other) => (key(other) ?? "") > own);
  lines.splice(after < 0 ? lines.length : after, 0, line);
  return `${source.slice(0, begin)}${lines.join("\n")}\n${source.slice(begin + length)}`;
}
