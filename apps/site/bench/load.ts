/**
 * `node apps/site/bench/load.ts [--readers 200] [--seconds 60]`: so many readers at once, each asking for
 * a page as soon as the last one is there. Starts the site itself, on an empty folder; every reader has an
 * address of its own.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "../build.ts";
import { startSite } from "../test/siteProcess.ts";

const { values } = parseArgs({
  options: {
    readers: { type: "string", default: "200" },
    seconds: { type: "string", default: "60" },
  },
});
const [readers, seconds] = [Number(values.readers), Number(values.seconds)];

/** What people look at, in about these shares. */
const places = [
  "/",
  "/",
  "/",
  "/?period=week",
  "/?topic=tabular",
  "/?page=2",
  "/papers/gbnn",
  "/papers/data-diet",
  "/papers/odice",
  "/papers/gbnn/read",
  "/papers/convex-relu/verify",
  "/search?q=gradient+boosting",
  "/api/v1/search?limit=6&q=diffus",
  "/feeds/atom.xml",
];

await build(console.error);
const folder = await mkdtemp(path.join(tmpdir(), "etude-load-"));
const site = await startSite(folder, {}, ["--proxies", "1"]);
const agent = new Agent({ keepAlive: true, maxSockets: readers });

/** Milliseconds until the whole answer is there. */
function ask(place: string, reader: number): Promise<{ status: number; took: number }> {
  const began = performance.now();
  const from = `10.${reader >> 8}.${reader & 255}.1`;
  return new Promise((resolve, reject) => {
    get(site.url + place, { agent, headers: { "x-forwarded-for": from } }, (response) => {
      response.resume();
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, took: performance.now() - began }),
      );
    }).on("error", reject);
  });
}

const times: number[] = [];
const refused = new Map<string, number>();
let until = 0;
async function read(reader: number): Promise<void> {
  for (let i = reader; performance.now() < until; i++) {
    const place = places[i % places.length];
    const outcome = await ask(place, reader).catch((error: Error) => error);
    if (outcome instanceof Error || outcome.status !== 200) {
      const what = outcome instanceof Error ? outcome.message : `${outcome.status} ${place}`;
      refused.set(what, (refused.get(what) ?? 0) + 1);
    } else times.push(outcome.took);
  }
}
for (const place of places) await ask(place, 0);
// Everybody connects before the clock starts: two hundred newcomers in one instant are another test.
await Promise.all(Array.from({ length: readers }, (_, reader) => ask("/favicon.svg", reader)));
until = performance.now() + 1000 * seconds;
await Promise.all(Array.from({ length: readers }, (_, reader) => read(reader)));

times.sort((a, b) => a - b);
const at = (share: number) => `${times[Math.floor(share * (times.length - 1))].toFixed(0)} ms`;
console.log(
  `${readers} readers, ${seconds} s: ${(times.length / seconds).toFixed(0)} pages a second; median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)}`,
);
for (const [what, count] of refused) console.log(`not answered: ${count} x ${what}`);
agent.destroy();
await site.stop();
await rm(folder, { recursive: true });
