/** The queue of the site's store, opened when it is first needed. */
import { openQueue, type Queue } from "@etude/jobs";
import { closers } from "./shared.ts";
import type { Site } from "./site.ts";

let opened: Promise<Queue> | undefined;

export function queueOf({ store, settings }: Site): Promise<Queue> {
  opened ??= openQueue(store, { tend: settings.workers > 0 }).then((queue) => {
    closers().add(() => queue.close());
    return queue;
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}
