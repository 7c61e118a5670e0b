import { sweepDetails } from "@etude/jobs";
import { error } from "@sveltejs/kit";
import { publicRun } from "#lib/server/publicRun.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, locals }) => {
  const details = await sweepDetails(locals.site.store, params.id);
  if (details === undefined) error(404, "There is no such run. It may have been deleted.");
  return { run: publicRun(details, "") };
};
