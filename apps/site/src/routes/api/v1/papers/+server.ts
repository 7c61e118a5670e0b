import { isTopic } from "@etude/papers/cards";
import { error, json } from "@sveltejs/kit";
import { isPeriod } from "#lib/periods.ts";
import { publicPaper } from "#lib/server/publicPaper.ts";
import { feedNow } from "#lib/server/reads.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ url, locals }) => {
  const { store, settings } = locals.site;
  const period = url.searchParams.get("period") ?? "all";
  const topic = url.searchParams.get("topic") || undefined;
  const page = Number(url.searchParams.get("page") ?? 1);
  if (!isPeriod(period)) error(400, `period "${period}": expected day, week, month or all`);
  if (topic !== undefined && !isTopic(topic)) error(400, `there is no topic "${topic}"`);
  if (!Number.isInteger(page) || page < 1 || page > 10_000) error(400, "page: expected 1 or more");
  const { papers, pages, total } = await feedNow(store, {
    period,
    ...(topic && { topic }),
    page,
  });
  return json({
    page,
    pages,
    total,
    papers: papers.map((paper) => publicPaper(paper, settings.publicUrl)),
  });
};
