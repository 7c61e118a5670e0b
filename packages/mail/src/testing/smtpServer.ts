/** A real SMTP server on a free loopback port that keeps what it takes. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { smtpTransport } from "../transport/smtp.ts";
import type { Transport } from "../transport/transport.ts";

/** A message as it came: envelope and bytes. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

/** The stages of a message, at each of which a test may answer with an error or do worse. */
export interface Stages {
  connect?(): void | Promise<void>;
  sender?(): void | Promise<void>;
  recipient?(address: string): void | Promise<void>;
  /** The server has asked for the message. */
  data?(to: readonly string[]): void | Promise<void>;
  /** The whole message is here and kept; the answer is not given yet. */
  taken?(received: Received): void | Promise<void>;
}

export interface TestServer {
  readonly url: string;
  readonly received: Received[];
  /** To replace at any time. */
  stages: Stages;
  readonly transport: Transport;
  /** What came, parsed, for one recipient or for all. */
  mails(to?: string): Promise<ParsedMail[]>;
  /** Breaks all connections without a word. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** An answer of the server other than yes. */
export function reply(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

export const sender = { name: "Étude", address: "digest@etude.example" };

export async function smtpServer(options: SMTPServerOptions = {}): Promise<TestServer> {
  const received: Received[] = [];
  const answer = (work: void | Promise<void> | undefined, done: (error?: Error | null) => void) => {
    Promise.resolve(work).then(() => done(), done);
  };
  // Stages may throw at once.
  const at = (stage: () => void | Promise<void> | undefined) => (async () => stage())();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    hideENHANCEDSTATUSCODES: true,
    closeTimeout: 100,
    onConnect: (_, done) =>
      answer(
        at(() => test.stages.connect?.()),
        done,
      ),
    onMailFrom: (_, __, done) =>
      answer(
        at(() => test.stages.sender?.()),
        done,
      ),
    onRcptTo: ({ address }, _, done) =>
      answer(
        at(() => test.stages.recipient?.(address)),
        done,
      ),
    onData(stream, { envelope }, done) {
      const to = envelope.rcptTo.map(({ address }) => address);
      const take = async () => {
        await test.stages.data?.(to);
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        const message = { from, to, raw: await buffer(stream) };
        received.push(message);
        await test.stages.taken?.(message);
      };
      answer(
        take().catch((error) => {
          stream.resume();
          throw error;
        }),
        done,
      );
    },
    ...options,
  });
  // A client that is killed resets its connection.
  server.on("error", () => {});
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `smtp://127.0.0.1:${address.port}`;
  const test: TestServer = {
    url,
    received,
    stages: {},
    transport: smtpTransport(url, sender),
    mails: (to) =>
      Promise.all(
        received
          .filter((message) => to === undefined || message.to.includes(to))
          .map(({ raw }) => simpleParser(raw)),
      ),
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
  return test;
}
