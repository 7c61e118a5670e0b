/** SMTP by Nodemailer's connection, one message at a time, knowing when the message is handed over. */
import { Readable } from "node:stream";
import { parseConnectionUrl } from "nodemailer/lib/shared";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Mailbox } from "../addresses.ts";
import { minute, second } from "../clock.ts";
import { ConfigurationError, SendError } from "../errors.ts";
import { compose } from "../message.ts";
import { sendErrorOf } from "./replies.ts";
import type { Session, Transport } from "./transport.ts";

/** In milliseconds. Well below the lease of a delivery, which is what a claim is given up after. */
const patience = {
  connectionTimeout: 20 * second,
  greetingTimeout: 20 * second,
  dnsTimeout: 10 * second,
  socketTimeout: minute,
};
const longestSend = 4 * minute;
const longestQuit = 5 * second;

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/**
 * A transport by a URL such as `smtps://user:password@mail.example.org`. Its query may hold options of
 * Nodemailer, such as `?name=etude.example.org` or `?tls.rejectUnauthorized=false`.
 *
 * A login is only ever sent encrypted, except to this machine itself; `?requireTLS=false` lifts that.
 *
 * @throws ConfigurationError for what is not such a URL; it is not repeated, as it holds a password
 */
export function smtpTransport(url: string, from: Mailbox): Transport {
  if (!/^smtps?:\/\/./.test(url)) {
    throw new ConfigurationError("SMTP_URL: expected smtp://host or smtps://user:password@host");
  }
  const { auth, ...given } = parseConnectionUrl(url);
  const requireTLS = auth !== undefined && !loopback.test(given.host ?? "");
  const options = { ...patience, requireTLS, ...given };
  const connect = async () => {
    const connection = new SMTPConnection(options);
    // Whoever waits is told through callbacks; unheard, the event would end the process.
    connection.on("error", () => {});
    try {
      await connected(connection);
      if (auth !== undefined) await called((done) => connection.login({ ...auth }, done));
    } catch (error) {
      connection.close();
      throw sendErrorOf(error, { handedOver: false });
    }
    return connection;
  };
  return { from, open: async () => smtpSession(await connect(), connect, from) };
}

/** Failures to connect come as an event; the callback is for success, and for some failures. */
const connected = (connection: SMTPConnection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.once("error", reject);
    connection.connect((error) => (error === undefined ? resolve() : reject(error)));
  });

const called = (call: (done: (error: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    call((error) => (error === null ? resolve() : reject(error)));
  });

/**
 * Servers end connections after some number of messages, or of idle seconds, which is only seen when
 * the next message is tried: that one gets one new connection.
 */
function smtpSession(
  first: SMTPConnection,
  reconnect: () => Promise<SMTPConnection>,
  from: Mailbox,
): Session {
  let connection = first;
  let used = false;
  return {
    async send(mail, handOver = async () => {}) {
      const raw = await compose(mail, from);
      const envelope = { from: from.address, to: [mail.to], size: raw.length };
      try {
        await transmit(connection, envelope, raw, handOver);
      } catch (error) {
        const outworn = used && error instanceof SendError && error.kind === "unavailable";
        if (!outworn) throw error;
        connection = await reconnect();
        used = false;
        await transmit(connection, envelope, raw, handOver);
      }
      used = true;
    },
    close: () => quit(connection),
  };
}

/** Sends one message; a connection on which that failed is closed. */
async function transmit(
  connection: SMTPConnection,
  envelope: SMTPConnection.Envelope,
  raw: Buffer,
  handOver: () => Promise<void>,
): Promise<void> {
  let handedOver = false;
  let withheld: { readonly why: unknown } | undefined;
  async function* message() {
    try {
      await handOver();
    } catch (why) {
      withheld = { why };
      throw why;
    }
    handedOver = true;
    yield raw;
  }
  // Nodemailer reads the message only once the server has asked for it (354).
  const stream = Readable.from(message(), { objectMode: false });
  try {
    // A copy: Nodemailer notes on it what became of it.
    await inTime(called((done) => connection.send({ ...envelope }, stream, done)));
  } catch (error) {
    connection.close();
    if (withheld !== undefined) throw withheld.why;
    throw sendErrorOf(error, { handedOver });
  }
}

async function quit(connection: SMTPConnection): Promise<void> {
  if (connection.destroyed) return;
  const ended = new Promise((resolve) => connection.once("end", resolve));
  const timer = setTimeout(() => connection.close(), longestQuit);
  connection.quit();
  await ended;
  clearTimeout(timer);
}

/** A server that keeps the connection alive but never answers would hold a delivery for ever. */
async function inTime(sending: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = new Error(`no answer in ${longestSend / minute} minutes`);
    timer = setTimeout(() => reject(why), longestSend);
  });
  try {
    await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}
