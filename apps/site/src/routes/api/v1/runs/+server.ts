import { planSweep, submit } from "@etude/jobs";
import { error, json } from "@sveltejs/kit";
import { z } from "zod";
import { queueOf } from "#lib/server/queue.ts";
import { submissionSchema } from "#lib/server/submission.ts";
import { tokenOf } from "#lib/server/tokens.ts";
import type { RequestHandler } from "./$types";

/** An experiment for the machines of this site; each of its jobs is a use of the token. */
export const POST: RequestHandler = async ({ request, locals }) => {
  const { store, settings } = locals.site;
  if (!request.headers.get("content-type")?.startsWith("application/json"))
    error(415, "expected a submission as application/json");
  if (!request.headers.has("authorization"))
    error(401, "runs on this site's machines need a token: Authorization: Bearer ...");
  const parsed = submissionSchema.safeParse(await request.json().catch(() => undefined));
  if (!parsed.success) error(400, z.prettifyError(parsed.error).split("\n")[0]);
  const { priority, minutes, megabytes, ...submission } = parsed.data;
  const plan = await planSweep(submission).catch(refused);
  const token = await tokenOf(request, locals, plan.settings.length * plan.seeds.length);
  if (token === undefined) error(401, "expected Authorization: Bearer and a token");
  const terms = { priority, minutes, megabytes, token: token.id };
  const id = await submit(store, await queueOf(locals.site), plan, terms).catch(refused);
  return json({ id, url: `${settings.publicUrl}/runs/${id}` }, { status: 202 });
};

/** What is wrong with a submission is told; other errors are ours. */
function refused(problem: unknown): never {
  if (problem instanceof Error && problem.name === "UsageError") error(400, problem.message);
  throw problem;
}
