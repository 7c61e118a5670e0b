import { look, unsubscribe } from "@etude/mail";
import type { Actions, PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ params, locals }) => ({
  outcome: await look(locals.site.store, "unsubscribe", params.token, new Date()),
});

export const actions: Actions = {
  /** For the button of the page, and for the one click that mail programs make (RFC 8058). */
  default: async ({ params, locals }) => ({
    outcome: await unsubscribe(locals.site.store, params.token, new Date()),
  }),
};
