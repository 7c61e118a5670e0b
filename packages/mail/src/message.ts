/** A mail as it is meant, and as the bytes that are sent: headers can hold nothing else. */
import { createHash } from "node:crypto";
import MailComposer from "nodemailer/lib/mail-composer";
import type { Mailbox } from "./addresses.ts";

export interface Mail {
  /** One address, as `parseAddress` gives it. */
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** With angle brackets. A copy sent again carries the same one, so that a receiver can drop it. */
  readonly messageId: string;
  readonly date: Date;
  /** Of mails to subscribers: how to leave. */
  readonly list?: { readonly site: URL; readonly unsubscribe: URL };
}

/** The domain that our message ids end in. */
export const domainOf = ({ address }: Mailbox): string =>
  address.slice(address.lastIndexOf("@") + 1);

/**
 * RFC 5322 text of a mail. The same mail gives the same bytes.
 *
 * - `Auto-Submitted` (RFC 3834) keeps vacation notices from answering.
 * - `List-Unsubscribe` and, over https, `List-Unsubscribe-Post` (RFC 8058) are the button beside the
 *   sender in mail readers; `List-Id` (RFC 2919) lets filters tell these mails.
 */
export function compose(mail: Mail, from: Mailbox): Promise<Buffer> {
  return new MailComposer({
    from: { name: from.name, address: from.address },
    to: { name: "", address: mail.to },
    subject: mail.subject,
    messageId: mail.messageId,
    date: mail.date,
    headers: { "Auto-Submitted": "auto-generated", ...listHeaders(mail) },
    text: mail.text,
    html: mail.html,
    baseBoundary: createHash("sha256").update(mail.messageId).digest("hex").slice(0, 24),
    newline: "win",
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

/** Prepared: a long address in angle brackets must neither be folded nor encoded. */
const asItIs = (value: string) => ({ prepared: true, value });

function listHeaders({ list }: Mail) {
  if (list === undefined) return {};
  const { site, unsubscribe } = list;
  return {
    "List-Id": asItIs(`Etude digests <digests.${site.hostname}>`),
    "List-Unsubscribe": asItIs(`<${unsubscribe}>`),
    ...(unsubscribe.protocol === "https:" && {
      "List-Unsubscribe-Post": asItIs("List-Unsubscribe=One-Click"),
    }),
  };
}
