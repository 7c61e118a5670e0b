import { type AddressInfo, createServer, type Socket } from "node:net";
import type { SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ConfigurationError, SendError } from "../errors.ts";
import type { Mail } from "../message.ts";
import { link, rendered, site } from "../testing/rendered.ts";
import { reply, sender, smtpServer, type TestServer } from "../testing/smtpServer.ts";
import { smtpTransport } from "./smtp.ts";
import { sendOne } from "./transport.ts";

const mail: Mail = {
  ...rendered.digest,
  to: "ada@example.org",
  messageId: "<1@etude.example>",
  date: new Date("2026-11-24T07:00:00Z"),
  list: { site, unsubscribe: link("unsubscribe") },
};

let server: TestServer;
beforeAll(async () => {
  server = await smtpServer();
});
afterEach(() => {
  server.stages = {};
  server.received.length = 0;
});
afterAll(() => server.stop());

/** How sending fails. */
async function failure(sending: Promise<void>): Promise<SendError> {
  const error = await sending.then(
    () => new Error("it was sent"),
    (error: unknown) => error,
  );
  if (error instanceof SendError) return error;
  throw error;
}

test("a mail arrives once, for one recipient, from the sender", async () => {
  await sendOne(server.transport, mail);
  expect(server.received.map(({ from, to }) => [from, to])).toEqual([
    [sender.address, ["ada@example.org"]],
  ]);
  const [parsed] = await server.mails();
  expect(parsed.subject).toBe(mail.subject);
  expect(parsed.html).toBe(mail.html);
});

test("a session takes many mails, one after the other", async () => {
  const session = await server.transport.open();
  for (let i = 0; i < 5; i++) await session.send(mail);
  await session.close();
  await session.close();
  expect(server.received).toHaveLength(5);
});

test("a new connection is made where the server ended one that had served", async () => {
  let messages = 0;
  server.stages = {
    sender() {
      messages += 1;
      if (messages === 3) throw reply(421, "4.7.0 that was enough for one connection");
    },
  };
  const session = await server.transport.open();
  for (let i = 0; i < 4; i++) await session.send(mail);
  await session.close();
  expect(server.received).toHaveLength(4);
});

test("the message is handed over after the server has asked for it, or not at all", async () => {
  const events: string[] = [];
  server.stages = {
    data: () => void events.push("asked"),
    taken: () => void events.push("taken"),
  };
  const session = await server.transport.open();
  await session.send(mail, async () => void events.push("handed over"));
  expect(events).toEqual(["asked", "handed over", "taken"]);
  const changedMind = new Error("changed mind");
  await expect(session.send(mail, () => Promise.reject(changedMind))).rejects.toBe(changedMind);
  await session.close();
  expect(server.received).toHaveLength(1);
});

describe("tells failures apart", () => {
  test.each([
    ["recipient", 550, "5.1.1 no such user", "recipient"],
    ["recipient", 550, "no such user", "recipient"],
    ["recipient", 552, "5.2.2 mailbox full", "recipient"],
    ["recipient", 450, "4.2.1 greylisted", "temporary"],
    ["recipient", 452, "4.2.2 mailbox full for now", "temporary"],
    ["recipient", 451, "4.7.1 greylisted", "temporary"],
    ["recipient", 503, "5.5.1 bad sequence", "temporary"],
    ["recipient", 554, "5.7.1 relay access denied", "refused"],
    ["recipient", 421, "4.7.0 slow down", "unavailable"],
    ["recipient", 450, "4.7.28 unusual rate of mail", "unavailable"],
    ["recipient", 451, "rate limit exceeded", "unavailable"],
    ["taken", 550, "5.1.1 no such user after all", "recipient"],
    ["taken", 554, "5.7.1 looks like spam", "refused"],
    ["taken", 552, "5.3.4 too big", "refused"],
    ["taken", 451, "4.3.0 try later", "temporary"],
    ["taken", 452, "4.3.2 system not accepting mail", "unavailable"],
    ["sender", 550, "5.7.1 sender refused", "unavailable"],
    ["sender", 451, "4.3.0 try later", "unavailable"],
    ["data", 451, "4.3.0 try later", "temporary"],
  ] as const)("%s answered with %d %s: %s", async (stage, code, text, kind) => {
    server.stages = {
      [stage]: () => {
        throw reply(code, text);
      },
    };
    const error = await failure(sendOne(server.transport, mail));
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(`${code} ${text}`);
  });

  test("a greeting that refuses is unavailable", async () => {
    server.stages = {
      connect() {
        throw reply(554, "5.7.1 you are blocked");
      },
    };
    const error = await failure(server.transport.open().then(() => {}));
    expect(error.kind).toBe("unavailable");
  });

  test("no server is unavailable", async () => {
    const error = await failure(
      smtpTransport("smtp://127.0.0.1:1", sender)
        .open()
        .then(() => {}),
    );
    expect(error.kind).toBe("unavailable");
    expect(error.message).toContain("ECONNREFUSED");
  });

  test("a message larger than the server takes is refused", async () => {
    const small = await smtpServer({ size: 1000 });
    expect((await failure(sendOne(small.transport, mail))).kind).toBe("refused");
    await small.stop();
  });
});

describe("a connection that breaks", () => {
  /** A server by hand that ends the connection at a stage. */
  async function breaking(stage: "RCPT" | "DATA" | "end", lastWords = "") {
    const ends = (socket: Socket) => socket.end(lastWords);
    const tcp = createServer((socket) => {
      let inMessage = false;
      socket.on("error", () => {});
      socket.write("220 here\r\n");
      socket.on("data", (chunk) => {
        const text = chunk.toString("latin1");
        if (inMessage) {
          if (text.endsWith("\r\n.\r\n") || stage === "DATA") ends(socket);
        } else if (text.startsWith("DATA")) {
          inMessage = true;
          socket.write("354 go on\r\n");
        } else if (text.startsWith(stage)) ends(socket);
        else socket.write("250 yes\r\n");
      });
    });
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    const { port } = tcp.address() as AddressInfo;
    const error = await failure(sendOne(smtpTransport(`smtp://127.0.0.1:${port}`, sender), mail));
    await new Promise((resolve) => tcp.close(resolve));
    return error;
  }

  test("before the message: certainly not sent", async () => {
    expect((await breaking("RCPT")).kind).toBe("unavailable");
  });

  test("within the message, or before the answer: nobody knows", async () => {
    expect((await breaking("DATA")).kind).toBe("unknown");
    expect((await breaking("end")).kind).toBe("unknown");
    expect((await breaking("end", "250 unfinish")).kind).toBe("unknown");
  });

  test("with an answer that says no: certainly not sent", async () => {
    expect((await breaking("end", "421 4.3.2 closing\r\n")).kind).toBe("unavailable");
  });
});

describe("a login", () => {
  const auth = { user: "etude", pass: "p@ss word" };
  const options: SMTPServerOptions = {
    authOptional: false,
    // With the certificate that the server's package brings along.
    disabledCommands: [],
    onAuth: ({ username, password }, _, done) =>
      username === auth.user && password === auth.pass
        ? done(null, { user: auth.user })
        : done(reply(535, "5.7.8 wrong")),
  };
  const withLogin = (url: string, pass: string, more = "") =>
    url.replace("//", `//${auth.user}:${encodeURIComponent(pass)}@`) + more;

  test("is sent over TLS where the server has it, and must be right", async () => {
    const secure = await smtpServer(options);
    const tls = "?tls.rejectUnauthorized=false";
    await sendOne(smtpTransport(withLogin(secure.url, auth.pass, tls), sender), mail);
    expect(secure.received).toHaveLength(1);
    const wrong = smtpTransport(withLogin(secure.url, "wrong", tls), sender);
    const error = await failure(sendOne(wrong, mail));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toContain("535 5.7.8 wrong");
    await secure.stop();
  });

  test("is not sent to a certificate that cannot be trusted", async () => {
    const secure = await smtpServer(options);
    const transport = smtpTransport(withLogin(secure.url, auth.pass), sender);
    expect((await failure(sendOne(transport, mail))).kind).toBe("unavailable");
    expect(secure.received).toEqual([]);
    await secure.stop();
  });
});

test.each(["", "mail.example.org", "http://mail.example.org", "smtp:/x"])(
  "%j is no SMTP_URL",
  (url) => {
    expect(() => smtpTransport(url, sender)).toThrow(ConfigurationError);
  },
);
