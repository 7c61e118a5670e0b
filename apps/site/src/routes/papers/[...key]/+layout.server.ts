import { isRunnable } from "@etude/papers/registry";
import { votesOf } from "@etude/store";
import { error } from "@sveltejs/kit";
import { paperNow } from "#lib/server/reads.ts";
import { visitorOf } from "#lib/server/visitor.ts";
import type { LayoutServerLoad } from "./$types";

export const load: LayoutServerLoad = async ({ params, locals, cookies }) => {
  const { store, secret } = locals.site;
  const paper = await paperNow(store, params.key);
  if (paper === undefined) error(404, `There is no paper "${params.key}" here.`);
  const visitor = visitorOf(cookies, secret);
  const voted = visitor !== undefined && (await votesOf(store, visitor, [paper.id])).size > 0;
  return { paper: { ...paper, voted, runnable: paper.slug !== null && isRunnable(paper.slug) } };
};
