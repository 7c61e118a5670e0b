/** Which way mails go out, by the operator's settings. */
import { type Mailbox, parseMailbox } from "../addresses.ts";
import { ConfigurationError } from "../errors.ts";
import { folderTransport } from "./folder.ts";
import { smtpTransport } from "./smtp.ts";
import type { Transport } from "./transport.ts";

export { folderTransport, listMail, readMail, type StoredMail, type WholeMail } from "./folder.ts";
export { smtpTransport } from "./smtp.ts";
export { type Session, sendOne, type Transport } from "./transport.ts";

/** Mails in a folder go nowhere, so any sender will do. */
const nobody: Mailbox = { name: "Etude", address: "etude@etude.example" };

export interface TransportSettings {
  readonly SMTP_URL?: string | undefined;
  /** `Name <address>`, or an address. */
  readonly MAIL_FROM?: string | undefined;
}

/**
 * SMTP where `SMTP_URL` is set, else a folder.
 *
 * @param folder where mails are written without SMTP
 * @throws ConfigurationError naming the setting
 *
 * @example
 * const transport = transportFrom(process.env, "data/mail");
 */
export function transportFrom(settings: TransportSettings, folder: string): Transport {
  const { SMTP_URL: url = "", MAIL_FROM: sender = "" } = settings;
  const from = sender === "" ? undefined : parseMailbox(sender, "MAIL_FROM");
  if (url === "") return folderTransport(folder, from ?? nobody);
  if (from === undefined) {
    throw new ConfigurationError("MAIL_FROM: needed beside SMTP_URL, the address mails come from");
  }
  return smtpTransport(url, from);
}
