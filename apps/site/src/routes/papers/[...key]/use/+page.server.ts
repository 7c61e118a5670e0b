import { error } from "@sveltejs/kit";
import { described } from "#lib/server/described.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ parent }) => {
  const { paper } = await parent();
  if (paper.slug === null || !paper.runnable) error(404, "This paper cannot be used here yet.");
  return { slug: paper.slug, about: await described(paper.slug) };
};
