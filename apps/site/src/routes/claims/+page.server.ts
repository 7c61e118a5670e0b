import { claimsAcross } from "#lib/server/claims.ts";
import { remembered } from "#lib/server/remembered.ts";
import type { PageServerLoad } from "./$types";

const now = remembered(30, () => "", claimsAcross);

export const load: PageServerLoad = async ({ locals }) => ({
  papers: await now(locals.site.store),
});
