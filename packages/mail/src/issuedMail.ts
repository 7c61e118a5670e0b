/** A digest as the mail to one subscriber. */
import type { digests } from "@etude/store";
import type { Mailbox } from "./addresses.ts";
import { contentSchema, papersAbout } from "./content.ts";
import { linkUrl, type Purpose, signToken } from "./links.ts";
import { domainOf, type Mail } from "./message.ts";
import type { Subscriber } from "./subscriptions.ts";
import type { Frequency } from "./templates/choice.ts";
import { digestMail } from "./templates/digest.ts";

/** How many papers a mail holds at most. */
const longest: Readonly<Record<Frequency, number>> = { daily: 10, weekly: 20 };

/**
 * The mail to a subscriber; or, in words, why there is none. Everything in it comes from the digest and
 * the subscriber, nothing from the moment: tried again it is the same mail.
 */
export function issuedMail(
  digest: typeof digests.$inferSelect,
  subscriber: Subscriber,
  { site, from }: { readonly site: URL; readonly from: Mailbox },
): Mail | string {
  const { frequency, day, built } = digest;
  if (subscriber.status !== "active") return "unsubscribed before it was sent";
  if (subscriber.frequency !== frequency) return `wants the ${subscriber.frequency} digest by now`;
  const { papers } = contentSchema.parse(digest.content);
  const chosen = papersAbout(papers, subscriber.topics).slice(0, longest[frequency]);
  if (chosen.length === 0) return "nothing about the topics that are wanted by now";
  const url = (purpose: Purpose) => linkUrl(site, purpose, signToken(purpose, subscriber, built));
  const unsubscribe = url("unsubscribe");
  const rendered = digestMail({
    site,
    choice: subscriber,
    day: new Date(day),
    papers: chosen,
    manage: url("manage"),
    unsubscribe,
  });
  return {
    to: subscriber.email,
    ...rendered,
    messageId: `<${frequency}.${day}.${subscriber.id}@${domainOf(from)}>`,
    date: built,
    list: { site, unsubscribe },
  };
}
