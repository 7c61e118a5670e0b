import { rss } from "#lib/server/feeds.ts";
import { newestPapers } from "#lib/server/newestPapers.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ locals, url }) => {
  const papers = await newestPapers(locals.site, url);
  return new Response(rss(papers, locals.site.settings.publicUrl), {
    headers: {
      "Content-Type": "application/rss+xml; charset=utf-8",
      "Cache-Control": "max-age=300",
    },
  });
};
