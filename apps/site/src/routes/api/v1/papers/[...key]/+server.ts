import { error, json } from "@sveltejs/kit";
import { publicPaper } from "#lib/server/publicPaper.ts";
import { paperNow } from "#lib/server/reads.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ params, locals }) => {
  const { store, settings } = locals.site;
  const paper = await paperNow(store, params.key);
  if (paper === undefined) error(404, `there is no paper "${params.key}"`);
  return json(publicPaper(paper, settings.publicUrl));
};
