import { sweepDetails } from "@etude/jobs";
import { error } from "@sveltejs/kit";
import { watchSweep } from "#lib/server/watching.ts";
import type { RequestHandler } from "./$types";

/** Milliseconds after which a stream ends by itself; a page that is still there asks again. */
const longest = 10 * 60_000;

/** The state of a sweep whenever it changes, as server-sent events; "settled" at the end. */
export const GET: RequestHandler = async ({ params, locals }) => {
  const { store } = locals.site;
  if ((await sweepDetails(store, params.id)) === undefined) error(404, "There is no such run.");
  let stop: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(timer);
    stop?.();
  };
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const close = () => {
        end();
        controller.close();
      };
      const send = (event: string, data: unknown) =>
        controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
      stop = watchSweep(store, params.id, (run) => {
        if (run !== undefined) return send("state", run);
        send("settled", null);
        close();
      });
      if (stop === undefined) {
        send("busy", null);
        controller.close();
      } else timer = setTimeout(close, longest).unref();
    },
    cancel: end,
  });
  return new Response(stream, {
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-store" },
  });
};
