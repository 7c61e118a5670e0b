import { isTopic, topics } from "@etude/papers/cards";
import { runnable } from "@etude/papers/registry";
import { StoreError, unvote, vote } from "@etude/store";
import { error, fail, redirect } from "@sveltejs/kit";
import { isPeriod } from "#lib/periods.ts";
import { listed } from "#lib/server/listed.ts";
import { feedNow } from "#lib/server/reads.ts";
import { forgetReads } from "#lib/server/remembered.ts";
import { knownVisitor, visitorOf } from "#lib/server/visitor.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ url, locals, cookies }) => {
  const { store, secret } = locals.site;
  const period = url.searchParams.get("period") ?? "all";
  const topic = url.searchParams.get("topic") || undefined;
  const page = Number(url.searchParams.get("page") ?? 1);
  if (!isPeriod(period)) error(404, `There is no period "${period}": day, week, month or all.`);
  if (topic !== undefined && !isTopic(topic)) error(404, `There is no topic "${topic}".`);
  if (!Number.isInteger(page) || page < 1 || page > 10_000) error(404, "There is no such page.");
  const ready = url.searchParams.has("ready");
  const found = await feedNow(store, {
    period,
    ...(topic && { topic }),
    ...(ready && { slugs: runnable }),
    page,
  });
  const visitor = visitorOf(cookies, secret);
  return {
    period,
    topic: topic ?? null,
    ready,
    topics: Object.entries(topics),
    page,
    pages: found.pages,
    total: found.total,
    papers: await listed(store, found.papers, visitor),
  };
};

export const actions: Actions = {
  vote: async ({ request, locals, cookies, url }) => {
    const { store, secret } = locals.site;
    const form = await request.formData();
    const paper = Number(form.get("paper"));
    if (!Number.isSafeInteger(paper)) return fail(400, { message: "no such paper" });
    const visitor = knownVisitor(cookies, secret, url.protocol === "https:");
    const count = form.get("want") === "withdraw" ? unvote : vote;
    try {
      await count(store, paper, visitor, new Date());
    } catch (failure) {
      if (failure instanceof StoreError) return fail(404, { message: failure.message });
      throw failure;
    }
    forgetReads();
    redirect(303, ownPath(form.get("from")));
  },
};

/** A path of this site; the list of papers for anything else. */
const ownPath = (from: FormDataEntryValue | null): string =>
  typeof from === "string" && /^\/(?![/\\])[^\s]{0,500}$/.test(from) ? from : "/";
