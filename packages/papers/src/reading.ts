/** What there is to read of a paper: the method in our own words, and the files that are the method. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { loadPaper } from "./registry.ts";

export interface Reading {
  /** Markdown with formulas between dollar signs, `$...$` and `$$...$$`. */
  readonly text: string;
  readonly code: readonly { readonly file: string; readonly source: string }[];
}

/**
 * `method.md` of a paper's folder, and the files that its `paper.ts` calls the method.
 *
 * @throws UsageError for a paper that cannot be run
 */
export async function reading(slug: string): Promise<Reading> {
  const { method } = await loadPaper(slug);
  const read = (file: string) => readFile(path.join(import.meta.dirname, slug, file), "utf8");
  const code = method.map(async (file) => ({ file, source: await read(file) }));
  return { text: (await read("method.md")).trim(), code: await Promise.all(code) };
}
