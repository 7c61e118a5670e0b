import { listed } from "#lib/server/listed.ts";
import { searchNow } from "#lib/server/reads.ts";
import { visitorOf } from "#lib/server/visitor.ts";
import type { PageServerLoad } from "./$types";

/** A longer question is cut: nobody types that much, and the database need not read it. */
const longest = 200;

export const load: PageServerLoad = async ({ url, locals, cookies }) => {
  const { store, secret } = locals.site;
  const words = (url.searchParams.get("q") ?? "").slice(0, longest).trim();
  const hits = words === "" ? [] : await searchNow(store, { words, limit: 30 });
  return { words, papers: await listed(store, hits, visitorOf(cookies, secret)) };
};
