import { z } from "zod";
import { parseArxivId } from "./arxivId.ts";
import { count } from "./errors.ts";
import { cut, plainText } from "./text.ts";

/** A paper as it comes from a source, ready to be stored. */
export interface IncomingPaper {
  /** Without the version: `2305.18502`. */
  arxiv: string;
  /** 1, 2, …; 1 where the source does not say. */
  version: number;
  title: string;
  authors: string[];
  abstract: string;
  /** Categories of arXiv, the primary one first; empty where the source does not say. */
  categories: string[];
  /** When the first version was submitted. */
  published: Date;
  /** When this version was submitted. */
  updated: Date;
  doi?: string;
  source: "arxiv" | "daily" | "submitted";
  /** Upvotes on the site of the daily list. */
  upvotesElsewhere?: number;
  /** Address of a repository of code, e.g. `https://github.com/owner/name`. */
  code?: string;
}

/** An entry that was left out. */
export interface Skipped {
  /** Its identifier as the source wrote it. */
  readonly id: string;
  readonly problem: string;
}

/**
 * What is taken of a paper. Longer titles and lists of authors are nobody's, and the entry is
 * skipped; longer abstracts and names are cut, with an ellipsis.
 */
export const limits = {
  title: 1_000, // characters
  abstract: 20_000, // characters; arXiv takes 1,920
  authors: 10_000, // the longest list so far has about 5,000
  author: 300, // characters of a name
  categories: 50,
} as const;

const atMost = (longest: number, what: string) => ({
  error: `more than ${count(longest)} ${what}`,
});

const title = z
  .string()
  .transform(plainText)
  .pipe(z.string().min(1, "empty").max(limits.title, atMost(limits.title, "characters")));

const author = z
  .string()
  .transform((name) => cut(plainText(name), limits.author))
  .pipe(z.string().min(1, "empty"));

/** A list judged by its length before its elements are looked at. */
const authors = z
  .array(z.unknown())
  .min(1, "none")
  .max(limits.authors, atMost(limits.authors, "authors"))
  .pipe(z.array(author));

/** The API lists subject classes of other schemes, such as 68T07 of the MSC, among the categories. */
const category = /^[a-z][a-z-]{1,15}(\.[A-Za-z][A-Za-z-]{0,15})?$/;
const categories = z
  .array(z.string())
  .transform((terms) => [...new Set(terms.filter((term) => category.test(term)))])
  .pipe(z.array(z.string()).max(limits.categories, atMost(limits.categories, "categories")));

const date = z.iso
  .datetime({ offset: true, error: "not a date with a time" })
  .transform((text) => new Date(text))
  .refine((time) => time.getUTCFullYear() >= 1986 && time.getUTCFullYear() < 2200, "out of range");

/** Authors fill this in by hand, sometimes with several; what is not a DOI is left out. */
const doi = z
  .string()
  .transform((text) => /^10\.\d{4,9}\/\S{1,200}$/.exec(plainText(text).split(" ")[0] ?? "")?.[0]);

/** An identifier, perhaps with a version, or the address of the paper's page. */
const arxivId = z.string().transform((text, context) => {
  try {
    return parseArxivId(text);
  } catch {
    context.addIssue({ code: "custom", message: "not an identifier of arXiv" });
    return z.NEVER;
  }
});

/** What the sources say of a paper, in their own words. */
const described = z
  .object({
    id: arxivId,
    title,
    authors,
    abstract: z.string().transform((text) => cut(plainText(text), limits.abstract)),
    categories,
    published: date,
    updated: date,
    doi: doi.optional(),
    source: z.enum(["arxiv", "daily"]),
    upvotesElsewhere: z.int32().min(0).optional(),
    code: z.string().optional(),
  })
  .transform(
    ({ id, doi, upvotesElsewhere, code, ...rest }): IncomingPaper => ({
      arxiv: id.id,
      version: id.version ?? 1,
      ...rest,
      ...(doi !== undefined && { doi }),
      ...(upvotesElsewhere !== undefined && { upvotesElsewhere }),
      ...(code !== undefined && { code }),
    }),
  );

/** A paper before it is checked. */
export type Described = z.input<typeof described>;

/** Papers and what was left out among some entries of a source. */
export interface Papers {
  readonly papers: IncomingPaper[];
  readonly skipped: Skipped[];
}

/**
 * Check entries one by one: a bad one is left out and reported, and does not take the others with it.
 * Of several with the same identifier the newest version is kept, and of equal ones the first.
 *
 * @param schema what an entry must look like to be described
 * @param idOf what to call an entry in a report
 */
export function readEntries(
  entries: readonly unknown[],
  schema: z.ZodType<Described>,
  idOf: (entry: unknown) => string | undefined,
): Papers {
  const papers = new Map<string, IncomingPaper>();
  const skipped: Skipped[] = [];
  for (const [i, entry] of entries.entries()) {
    const result = schema.pipe(described).safeParse(entry);
    if (result.success) {
      const known = papers.get(result.data.arxiv);
      if (known === undefined || result.data.version > known.version)
        papers.set(result.data.arxiv, result.data);
    } else {
      const id = cut(plainText(idOf(entry) ?? ""), 100) || `entry ${i + 1}`;
      skipped.push({ id, problem: problemOf(result.error) });
    }
  }
  return { papers: [...papers.values()], skipped };
}

/** The first of what zod found, on one line: `title: empty`. */
export function problemOf({ issues: [first] }: z.ZodError): string {
  if (first === undefined) return "invalid";
  const where = first.path.map(String).join(".");
  return cut(plainText(where === "" ? first.message : `${where}: ${first.message}`), 200);
}
