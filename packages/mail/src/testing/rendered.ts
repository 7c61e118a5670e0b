/** Every template once, with links as long as real ones. */
import { linkUrl, type Purpose, signToken } from "../links.ts";
import { alreadySubscribedMail } from "../templates/alreadySubscribed.ts";
import { confirmMail } from "../templates/confirm.ts";
import { digestMail } from "../templates/digest.ts";
import type { Rendered } from "../templates/layout.ts";
import { digestPapers } from "./papers.ts";

export const site = new URL("https://etude.example");
const issued = new Date("2026-11-24T07:00:00Z");
const holder = { id: 4711, secret: Buffer.alloc(32, 7) };
export const link = (purpose: Purpose) =>
  linkUrl(site, purpose, signToken(purpose, holder, issued));

const choice = { frequency: "weekly", topics: ["optimisation", "training-data"] } as const;
const links = { manage: link("manage"), unsubscribe: link("unsubscribe") };

export const rendered: Readonly<Record<string, Rendered>> = {
  confirm: confirmMail({ site, choice, confirm: link("confirm") }),
  "already-subscribed": alreadySubscribedMail({ site, choice, ...links }),
  digest: digestMail({
    site,
    choice: { frequency: "daily", topics: [] },
    day: new Date("2026-11-24"),
    papers: digestPapers,
    ...links,
  }),
};
