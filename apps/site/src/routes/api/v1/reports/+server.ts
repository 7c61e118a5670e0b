import { verifyReportSchema } from "@etude/papers";
import { isRunnable } from "@etude/papers/registry";
import { saveReport } from "@etude/store";
import { error, json } from "@sveltejs/kit";
import { limiter } from "#lib/server/limits.ts";
import { tokenOf } from "#lib/server/tokens.ts";
import type { RequestHandler } from "./$types";

/** Characters of JSON. */
const longest = 4_000_000;
const shares = limiter({ burst: 5, perMinute: 1 });

/** A report that a visitor made in their browser and wants to show, or that somebody sends with a token. */
export const POST: RequestHandler = async ({ request, locals }) => {
  if (!request.headers.get("content-type")?.startsWith("application/json"))
    error(415, "expected a report as application/json");
  const token = await tokenOf(request, locals);
  if (token === undefined && !shares(locals.client))
    error(429, "too many reports from your address; try again later");
  const text = await request.text();
  if (text.length > longest) error(413, `a report of more than ${longest / 1e6} MB`);
  const parsed = verifyReportSchema.safeParse(fromJson(text));
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    error(400, `not a report: ${path.join(".") || "the document"}: ${message}`);
  }
  if (!isRunnable(parsed.data.paper)) error(400, `no paper here is called "${parsed.data.paper}"`);
  const { store, settings } = locals.site;
  const by = token === undefined ? { origin: "browser" as const } : community(token);
  const id = await saveReport(store, parsed.data, by, new Date());
  return json({ id, url: `${settings.publicUrl}/reports/${id}` }, { status: 201 });
};

const community = ({ id }: { id: number }) => ({ origin: "community" as const, token: id });

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return error(400, "not JSON");
  }
}
