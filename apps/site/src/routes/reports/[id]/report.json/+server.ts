import { findReport } from "@etude/store";
import { error, json } from "@sveltejs/kit";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ params, locals }) => {
  const found = await findReport(locals.site.store, params.id);
  if (found === undefined) error(404, "there is no such report");
  return json(found.report);
};
