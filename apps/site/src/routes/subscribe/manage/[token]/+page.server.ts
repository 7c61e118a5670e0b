import { change, look, RequestError, revokeLinks } from "@etude/mail";
import { topics } from "@etude/papers/cards";
import { fail } from "@sveltejs/kit";
import { choiceOf } from "#lib/server/choice.ts";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, locals }) => ({
  topics: Object.entries(topics),
  outcome: await look(locals.site.store, "manage", params.token, new Date()),
});

export const actions: Actions = {
  change: async ({ params, request, locals }) => {
    try {
      const choice = choiceOf(await request.formData());
      const outcome = await change(locals.site.store, params.token, choice, new Date());
      return { did: "changed" as const, outcome };
    } catch (error) {
      if (error instanceof RequestError) return fail(400, { message: error.message });
      throw error;
    }
  },
  revoke: async ({ params, locals }) => ({
    did: "revoked" as const,
    outcome: await revokeLinks(locals.site.store, params.token, new Date()),
  }),
};
