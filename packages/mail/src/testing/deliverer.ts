/** A process that does the scheduled job, for tests to kill: its argument is a `Task` in JSON. */
import { openStore } from "@etude/store";
import { runDigests } from "../schedule.ts";
import { smtpTransport } from "../transport/smtp.ts";
import { testClock } from "./clock.ts";

export interface Task {
  readonly where: { readonly folder: string } | { readonly url: string };
  readonly smtp: string;
  /** When the job is done: once at each of these. */
  readonly times: readonly string[];
}

const { where, smtp, times }: Task = JSON.parse(process.argv[2]);
const store = await openStore(where);
const transport = smtpTransport(smtp, { name: "Etude", address: "digest@etude.example" });
const site = new URL("https://etude.example");
for (const time of times) await runDigests(store, transport, { site, clock: testClock(time) });
await store.close();
