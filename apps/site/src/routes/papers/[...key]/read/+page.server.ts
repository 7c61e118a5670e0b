import { reading } from "@etude/papers/reading";
import { error } from "@sveltejs/kit";
import { highlighted } from "#lib/server/highlight.ts";
import { rendered } from "#lib/server/markdown.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ parent }) => {
  const { paper } = await parent();
  if (paper.slug === null || !paper.runnable)
    error(404, "There is nothing to read of this paper here but its summary.");
  const { text, code } = await reading(paper.slug);
  return {
    html: await rendered(text),
    code: await Promise.all(
      code.map(async ({ file, source }) => ({ file, html: await highlighted(source, "ts") })),
    ),
  };
};
