import { confirm, look } from "@etude/mail";
import type { Actions, PageServerLoad } from "./$types";

/** Looking changes nothing: programs that check mails follow every link in them. */
export const load: PageServerLoad = async ({ params, locals }) => {
  const { store } = locals.site;
  return { outcome: await look(store, "confirm", params.token, new Date()) };
};

export const actions: Actions = {
  default: async ({ params, locals }) => ({
    outcome: await confirm(locals.site.store, params.token, new Date()),
  }),
};
