import { json } from "@sveltejs/kit";
import type { Handle, HandleServerError, ServerInit } from "@sveltejs/kit/hooks";
import { limiter } from "#lib/server/limits.ts";
import { startSchedule } from "#lib/server/schedule.ts";
import { site } from "#lib/server/site.ts";

export const init: ServerInit = async () => {
  startSchedule(await site());
};

/** Of one address: reading is free, within reason; what writes or searches is dearer. */
const reads = limiter({ burst: 300, perMinute: 1200 });
const searches = limiter({ burst: 40, perMinute: 240 });
const writes = limiter({ burst: 20, perMinute: 20 });

export const handle: Handle = async ({ event, resolve }) => {
  const { request, url, locals } = event;
  locals.site = await site();
  locals.client = event.getClientAddress();
  const isWrite = request.method !== "GET" && request.method !== "HEAD";
  const isSearch = url.pathname === "/search" || url.pathname === "/api/v1/search";
  const allow = isWrite ? writes : isSearch ? searches : reads;
  // Answered, not thrown: what is thrown here for an address that no route has is caught by nobody.
  if (!allow(locals.client)) return tooMany();
  return resolve(event);
};

const tooMany = (): Response =>
  json(
    { message: "Too many requests from your address: wait a minute." },
    { status: 429, headers: { "Retry-After": "60" } },
  );

export const handleError: HandleServerError = ({ kind, error: cause, event }) => {
  if (kind !== "unknown") return cause;
  // What a query was given, such as addresses, belongs into no log: its cause says what went wrong.
  const told = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  console.error(`${event.request.method} ${event.url.pathname}`, told);
  return { status: 500, message: "Something went wrong here. It has been noted." };
};
