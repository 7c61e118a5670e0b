import { json } from "@sveltejs/kit";
import { openapi } from "#lib/server/openapi.ts";
import type { RequestHandler } from "./$types";

export const GET: RequestHandler = ({ locals }) => json(openapi(locals.site.settings.publicUrl));
