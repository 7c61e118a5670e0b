import { arxivById, parseArxivId, SourceError } from "@etude/sources";
import { findPaper, upsertPapers } from "@etude/store";
import { fail, redirect } from "@sveltejs/kit";
import { limiter } from "#lib/server/limits.ts";
import { forgetReads } from "#lib/server/remembered.ts";
import type { Actions } from "./$types";

/** Every submission asks arXiv, which wants to be asked seldom. */
const submissions = limiter({ burst: 5, perMinute: 1 });

/** Milliseconds that a visitor waits for arXiv: others may be before them, and it may be slow. */
const patience = 15_000;

export const actions: Actions = {
  default: async ({ request, locals }) => {
    const given = String((await request.formData()).get("paper") ?? "").slice(0, 300);
    const refuse = (status: number, message: string) => fail(status, { given, message });
    let id: string;
    try {
      id = parseArxivId(given).id;
    } catch (error) {
      if (error instanceof SourceError) return refuse(400, error.message);
      throw error;
    }
    const { store } = locals.site;
    const known = await findPaper(store, id);
    if (known !== undefined) redirect(303, known.url);
    if (!submissions(locals.client))
      return refuse(429, "Many papers came from your address: wait a few minutes.");
    const signal = AbortSignal.timeout(patience);
    try {
      const { papers, skipped } = await arxivById([id], { signal });
      const [paper] = papers;
      if (skipped.length > 0)
        return refuse(502, `arXiv's entry of ${id} cannot be used: ${skipped[0].problem}.`);
      if (paper === undefined) return refuse(404, `arXiv has no paper ${id}.`);
      await upsertPapers(store, [{ ...paper, source: "submitted" }], new Date());
      forgetReads();
    } catch (error) {
      if (error instanceof SourceError)
        return refuse(502, `arXiv could not be asked: ${error.message}. Try again later.`);
      if (signal.aborted)
        return refuse(503, "arXiv does not answer, or is asked a lot just now. Try again later.");
      throw error;
    }
    redirect(303, `/papers/${id}`);
  },
};
