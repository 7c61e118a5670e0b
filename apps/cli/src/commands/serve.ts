/** `etude serve`: the site, in this process, until it is stopped. */
import { once } from "node:events";
import path from "node:path";
import { UsageError } from "@etude/papers/errors";
import { command } from "../command.ts";
import { exit } from "../exit.ts";

const usualPort = 3000;

export default command({
  name: "serve",
  describe: "Serve the site: trending papers, each one runnable in the browser",
  words: [],
  flags: {
    port: { type: "number", describe: "The port; 0 takes a free one", otherwise: `${usualPort}` },
    host: { type: "text", describe: "The address to listen at", otherwise: "this machine only" },
    data: {
      type: "text",
      describe: "Folder of the embedded database, of mails and secrets",
      otherwise: "data",
    },
    url: {
      type: "text",
      describe: "The address visitors use, for links in mails and feeds",
      otherwise: "http://localhost and the port",
    },
    ingest: {
      type: "switch",
      describe: "Read new papers from arXiv and the daily list, now and once an hour",
    },
    workers: {
      type: "number",
      describe: "Jobs of the queue to compute at a time, beside the site",
      otherwise: "0",
    },
    proxies: {
      type: "number",
      describe: "Proxies in front, which say the visitor's address in X-Forwarded-For",
      otherwise: "0",
    },
  },
  examples: [
    ["serve", `on http://localhost:${usualPort}`],
    [
      "serve --workers 1",
      "computes what etude submit --to http://localhost:3000 puts into its queue",
    ],
    ["serve --port 8080 --host 0.0.0.0 --url https://papers.example", "for others, behind a proxy"],
  ],
  notes:
    "Environment: DATABASE_URL for a PostgreSQL server instead of the embedded database, SMTP_URL and MAIL_FROM for mail (without them mails are written to the data folder), ETUDE_SECRET for the key that signs links.",
  async run({ flags }, session) {
    const { port = usualPort, host = "127.0.0.1", data = "data", url } = flags;
    const { proxies = 0, workers = 0 } = flags;
    checkWhole("port", port, 65_535);
    checkWhole("proxies", proxies, 10);
    checkWhole("workers", workers, 256);
    if (url !== undefined && !/^https?:\/\/[^/]+\/?$/.test(url))
      throw new UsageError(`--url ${url}: expected http:// or https:// and a host, without a path`);
    const { terminal, signal } = session;
    const settled = session.onSecondInterrupt(() => {});
    const { serve } = await import("@etude/site");
    const site = await serve({
      port,
      host,
      folder: path.resolve(terminal.folder, data),
      proxies,
      workers,
      ...(url !== undefined && { publicUrl: url }),
      ingest: flags.ingest === true,
      log: (line) => terminal.err(line),
    });
    terminal.out(`Etude is at ${site.url} (Ctrl-C stops it)`);
    if (!signal.aborted) await once(signal, "abort");
    await site.close();
    settled();
    return exit.done;
  },
});

function checkWhole(name: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw new UsageError(`--${name} ${value}: expected a whole number from 0 to ${most}`);
}
