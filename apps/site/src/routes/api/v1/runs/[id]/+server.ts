import { sweepDetails } from "@etude/jobs";
import { error, json } from "@sveltejs/kit";
import { publicRun } from "#lib/server/publicRun.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ params, locals }) => {
  const { store, settings } = locals.site;
  const details = await sweepDetails(store, params.id);
  if (details === undefined) error(404, "there is no such run");
  return json(publicRun(details, settings.publicUrl));
};
