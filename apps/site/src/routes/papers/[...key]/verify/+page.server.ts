import { verdictsInWords } from "@etude/papers/report/verdicts";
import { latestNativeReport, reproductions } from "@etude/store";
import { error } from "@sveltejs/kit";
import { described } from "#lib/server/described.ts";
import { keptRun } from "#lib/server/kept.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ parent, locals }) => {
  const { paper } = await parent();
  if (paper.slug === null || !paper.runnable) error(404, "This paper cannot be verified here yet.");
  // One that was uploaded here is newer than the one that came with Etude.
  const uploaded = await latestNativeReport(locals.site.store, paper.slug, "quick");
  const recorded = uploaded?.report ?? (await keptRun(paper.slug)) ?? null;
  const others = await reproductions(locals.site.store, paper.slug);
  return {
    slug: paper.slug,
    about: await described(paper.slug),
    recorded,
    reproductions: others.map(({ id, report }) => ({
      id,
      verdicts: verdictsInWords(report.claims),
      preset: report.changed ? `${report.preset}, with changes` : report.preset,
      finished: report.finished.slice(0, 10),
      machine: `${report.environment.processor}, ${report.environment.platform}`,
    })),
  };
};
