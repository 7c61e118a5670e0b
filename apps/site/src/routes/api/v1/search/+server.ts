import { json } from "@sveltejs/kit";
import { publicPaper } from "#lib/server/publicPaper.ts";
import { searchNow } from "#lib/server/reads.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = async ({ url, locals }) => {
  const words = (url.searchParams.get("q") ?? "").slice(0, 200).trim();
  const limit = Math.min(50, Math.max(1, Number(url.searchParams.get("limit")) || 20));
  const hits = words === "" ? [] : await searchNow(locals.site.store, { words, limit });
  return json({ papers: hits.map((hit) => publicPaper(hit, "")) });
};
