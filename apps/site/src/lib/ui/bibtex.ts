/** A paper as an entry of a bibliography. */

interface Cited {
  readonly title: string;
  readonly authors: readonly string[];
  readonly year: number;
  readonly venue: string | null;
  readonly arxiv: string | null;
  readonly doi: string | null;
}

const special: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

/** Characters that mean something to TeX, as TeX shows them. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/[\\~^]|[{}$&#%_]/g, (character) => special[character] ?? `\\${character}`);

const ascii = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();

/** Last name of the first author, year, first long word of the title. */
function key({ authors, year, title }: Cited): string {
  const family = ascii(authors[0]?.split(" ").at(-1) ?? "") || "anonymous";
  const word = title.split(/\W+/).find((each) => each.length > 3) ?? "paper";
  return `${family}${year}${ascii(word)}`;
}

export function bibtex(paper: Cited): string {
  const { title, authors, year, venue, arxiv, doi } = paper;
  const fields: [string, string][] = [
    ["title", `{${plain(title)}}`],
    ["author", authors.map(plain).join(" and ")],
    ["year", String(year)],
    ...(venue === null ? [] : [["journal", plain(venue)] as [string, string]]),
    ...(doi === null ? [] : [["doi", plain(doi)] as [string, string]]),
    ...(arxiv === null
      ? []
      : ([
          ["eprint", plain(arxiv)],
          ["archiveprefix", "arXiv"],
        ] as [string, string][])),
  ];
  const lines = fields.map(([name, value]) => `  ${name} = {${value}}`);
  return `@${venue === null ? "misc" : "article"}{${key(paper)},\n${lines.join(",\n")}\n}`;
}
