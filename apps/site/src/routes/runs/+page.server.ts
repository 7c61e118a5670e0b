import { listSweeps } from "@etude/jobs";
import { publicSweep } from "#lib/server/publicRun.ts";
import type { PageServerLoad } from "./$types";

export const load: PageServerLoad = async ({ locals }) => {
  const sweeps = await listSweeps(locals.site.store);
  return { sweeps: sweeps.map(publicSweep) };
};
