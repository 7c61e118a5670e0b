import { RequestError, SendError, subscribe } from "@etude/mail";
import { topics } from "@etude/papers/cards";
import { fail } from "@sveltejs/kit";
import { choiceOf } from "#lib/server/choice.ts";
import { limiter } from "#lib/server/limits.ts";
import type { Actions, PageServerLoad } from "./$types";

const requests = limiter({ burst: 5, perMinute: 1 });

export const load: PageServerLoad = () => ({ topics: Object.entries(topics) });

export const actions: Actions = {
  default: async ({ request, locals }) => {
    const form = await request.formData();
    const email = String(form.get("email") ?? "").slice(0, 400);
    const choice = choiceOf(form);
    const refuse = (status: number, message: string) => fail(status, { email, ...choice, message });
    if (!requests(locals.client))
      return refuse(429, "Many requests from your address: wait a few minutes.");
    const { store, mail, settings } = locals.site;
    try {
      const circumstances = { site: new URL(settings.publicUrl), now: new Date() };
      await subscribe(store, mail, { email, ...choice }, circumstances);
    } catch (error) {
      if (error instanceof RequestError) return refuse(400, error.message);
      if (error instanceof SendError) {
        console.error("a confirmation was not sent:", error.message);
        return refuse(503, "The mail could not be sent now. Try again later.");
      }
      throw error;
    }
    return { sent: true, email };
  },
};
