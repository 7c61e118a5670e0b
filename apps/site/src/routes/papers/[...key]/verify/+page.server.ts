import { recordedRun } from "@etude/papers/recorded";
import { latestNativeReport } from "@etude/store";
import { error } from "@sveltejs/kit";
import { described } from "#lib/server/described.ts";
import type { PageServerLoad } from "./$types";

/** Those that came with Etude, read once a process. */
const shipped = new Map<string, ReturnType<typeof recordedRun>>();

export const load: PageServerLoad = async ({ parent, locals }) => {
  const { paper } = await parent();
  if (paper.slug === null || !paper.runnable) error(404, "This paper cannot be verified here yet.");
  // One that was uploaded here is newer than the one that came with Etude.
  const uploaded = await latestNativeReport(locals.site.store, paper.slug, "quick");
  const kept = shipped.get(paper.slug) ?? recordedRun(paper.slug);
  shipped.set(paper.slug, kept);
  const recorded = uploaded?.report ?? (await kept) ?? null;
  return { slug: paper.slug, about: await described(paper.slug), recorded };
};
