import { recordedRun } from "@etude/papers/recorded";
import { latestNativeReport } from "@etude/store";
import { error } from "@sveltejs/kit";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ parent, locals }) => {
  const { paper } = await parent();
  if (paper.slug === null || !paper.runnable) error(404, "This paper cannot be verified here yet.");
  // One that was uploaded here is newer than the one that came with Etude.
  const uploaded = await latestNativeReport(locals.site.store, paper.slug, "quick");
  const recorded = uploaded?.report ?? (await recordedRun(paper.slug)) ?? null;
  return { slug: paper.slug, recorded };
};
