import { reading } from "@etude/papers/reading";
import { error } from "@sveltejs/kit";
import { highlighted } from "#lib/server/highlight.ts";
import { rendered } from "#lib/server/markdown.ts";
import type { PageServerLoad } from "./$types";

interface Page {
  readonly html: string;
  readonly code: readonly { readonly file: string; readonly html: string }[];
}

/** Made once a process: the texts do not change while it runs. */
const pages = new Map<string, Promise<Page>>();

async function pageOf(slug: string): Promise<Page> {
  const { text, code } = await reading(slug);
  return {
    html: await rendered(text),
    code: await Promise.all(
      code.map(async ({ file, source }) => ({ file, html: await highlighted(source, "ts") })),
    ),
  };
}

export const load: PageServerLoad = async ({ parent }) => {
  const { paper } = await parent();
  const { slug } = paper;
  if (slug === null || !paper.runnable)
    error(404, "There is nothing to read of this paper here but its summary.");
  const page = pages.get(slug) ?? pageOf(slug);
  pages.set(slug, page);
  return page;
};
