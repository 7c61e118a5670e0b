import { search } from "@etude/store";
import { json } from "@sveltejs/kit";
import { publicPaper } from "#lib/server/publicPaper.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ url, locals }) => {
  const words = (url.searchParams.get("q") ?? "").slice(0, 200).trim();
  const limit = Math.min(50, Math.max(1, Number(url.searchParams.get("limit")) || 20));
  const hits =
    words === "" ? [] : await search(locals.site.store, words, { limit, now: new Date() });
  return json({ papers: hits.map((hit) => publicPaper(hit, "")) });
};
