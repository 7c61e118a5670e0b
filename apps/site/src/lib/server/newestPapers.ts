/** What feeds hold: this week's ranking, or all papers where the week has none. */
import { isTopic } from "@etude/papers/cards";
import { error } from "@sveltejs/kit";
import { type PublicPaper, publicPaper } from "./publicPaper.ts";
import { feedNow } from "./reads.ts";
import type { Site } from "./site.ts";

const length = 50;

export async function newestPapers({ store, settings }: Site, url: URL): Promise<PublicPaper[]> {
  const topic = url.searchParams.get("topic") || undefined;
  if (topic !== undefined && !isTopic(topic)) error(400, `there is no topic "${topic}"`);
  const ask = { ...(topic && { topic }), page: 1, perPage: length };
  const week = await feedNow(store, { ...ask, period: "week" });
  const { papers } = week.total > 0 ? week : await feedNow(store, { ...ask, period: "all" });
  return papers.map((paper) => publicPaper(paper, settings.publicUrl));
}
