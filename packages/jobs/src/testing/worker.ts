/** A worker as a process of its own: `node --import toy.ts worker.ts URL|FOLDER [untilIdle]`. */
import { openStore } from "@etude/store";
import { openQueue } from "../queue.ts";
import { work } from "../worker.ts";

const [place, how] = process.argv.slice(2);
const store = await openStore(place.includes("://") ? { url: place } : { folder: place });
const queue = await openQueue(store, { tend: true });
const stopping = new AbortController();
process.on("SIGTERM", () => stopping.abort());
await work(store, queue, {
  concurrency: 1,
  threads: 1,
  untilIdle: how === "untilIdle",
  signal: stopping.signal,
  say: (message) => console.log(message),
});
await queue.close();
await store.close();
