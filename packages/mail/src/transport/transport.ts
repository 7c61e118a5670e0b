import type { Mailbox } from "../addresses.ts";
import type { Mail } from "../message.ts";

/** A way out for mails. */
export interface Transport {
  /** Who the mails are from. */
  readonly from: Mailbox;
  /**
   * Gets ready to send.
   *
   * @throws SendError of kind "unavailable"
   */
  open(): Promise<Session>;
}

/** An open way out, for one mail at a time. After a failure it is of no more use. */
export interface Session {
  /**
   * Sends a mail.
   *
   * @param handOver awaited right before the message is given away: until then it has certainly not
   *   been sent, from then on it may have been. When it rejects, nothing is sent.
   * @throws SendError saying whether and when to try again
   */
  send(mail: Mail, handOver?: () => Promise<void>): Promise<void>;
  /** Never throws: there is nothing left to lose. */
  close(): Promise<void>;
}

/** Sends a single mail over a session of its own. */
export async function sendOne(transport: Transport, mail: Mail): Promise<void> {
  const session = await transport.open();
  try {
    await session.send(mail);
  } finally {
    await session.close();
  }
}
