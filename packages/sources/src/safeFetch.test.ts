import { pipeline, Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FetchRules, safeFetch } from "./safeFetch.ts";
import * as reply from "./testing/server.ts";
import { jsonType, send, startServer, type TestServer } from "./testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(send(jsonType, "[]"));
});
afterAll(() => server.close());
beforeEach(() => {
  server.replies = [];
  server.requests = [];
});

const get = (rules: Partial<FetchRules> = {}, url = `${server.origin}/list`) =>
  safeFetch(url, { accept: ["application/json"], allowPrivate: [server.origin], ...rules });
const host = () => new URL(server.origin).host;

test("gives a text and what the server says of its version", async () => {
  const headers = { etag: '"1"', "last-modified": "Wed, 01 May 2024 00:00:00 GMT" };
  server.replies = [send(jsonType, "[“naïve”]", headers)];
  expect(await get()).toEqual({
    unchanged: false,
    text: "[“naïve”]",
    validators: { etag: '"1"', lastModified: "Wed, 01 May 2024 00:00:00 GMT" },
  });
  expect(server.requests[0]?.headers).toMatchObject({
    accept: "application/json",
    "accept-encoding": "gzip",
  });
});

test("asks whether a version changed, and a 304 says it did not", async () => {
  server.replies = [reply.status(304)];
  const validators = { etag: '"1"', lastModified: "Wed, 01 May 2024 00:00:00 GMT" };
  expect(await get({ validators })).toEqual({ unchanged: true });
  expect(server.requests[0]?.headers).toMatchObject({
    "if-none-match": '"1"',
    "if-modified-since": "Wed, 01 May 2024 00:00:00 GMT",
  });
});

test("a 304 to a question without a version is no answer", async () => {
  server.replies = [reply.status(304)];
  await expect(get()).rejects.toThrow(/answered 304 Not Modified; expected application\/json/);
});

test("unpacks gzip, of several members too", async () => {
  const packed = Buffer.concat([gzipSync("[1,"), gzipSync("2]")]);
  server.replies = [send(jsonType, packed, { "content-encoding": "gzip" })];
  expect(await get()).toMatchObject({ text: "[1,2]" });
});

test.each([
  [404, false],
  [403, false],
  [400, false],
  [429, true],
  [500, true],
  [503, true],
])("a %i is an error; worth another try: %s", async (status, transient) => {
  server.replies = [reply.status(status, { "retry-after": "7" })];
  await expect(get()).rejects.toMatchObject({
    name: "SourceError",
    message: expect.stringContaining(`${host()}: answered ${status}`),
    status,
    transient,
    retryAfter: "7",
  });
});

test.each([
  ["text/html; charset=utf-8"],
  ["application/jsonp"],
  ["application/json; charset=iso-8859-1"],
])("the content type %s is not taken for JSON", async (type) => {
  server.replies = [send(type, "[]")];
  await expect(get()).rejects.toThrow(`${host()}: sent "${type}"; expected application/json`);
});

test("an answer without a content type, or packed in another way, is refused", async () => {
  server.replies = [
    (_, response) => response.writeHead(200).end("[]"),
    send(jsonType, "[]", { "content-encoding": "br" }),
  ];
  await expect(get()).rejects.toThrow("sent no content type; expected application/json");
  await expect(get()).rejects.toThrow('sent the content encoding "br", which was not asked for');
});

test("a connection that breaks before or in the answer is worth another try", async () => {
  server.replies = [reply.hangUp, reply.hangUpIn(jsonType, "[1,2")];
  for (let i = 0; i < 2; i++)
    await expect(get()).rejects.toMatchObject({ name: "SourceError", transient: true });
  expect(server.requests).toHaveLength(2);
});

test.each([
  ["cut", gzipSync("[1,2,3,4,5,6,7]").subarray(0, 20)],
  ["none", Buffer.from("[1,2,3]")],
])("gzip that is %s is not taken for the whole", async (_, packed) => {
  server.replies = [send(jsonType, packed, { "content-encoding": "gzip" })];
  await expect(get()).rejects.toMatchObject({
    message: expect.stringContaining("sent gzip that cannot be unpacked"),
    transient: true,
  });
});

test("200 MB that are announced are not read", async () => {
  server.replies = [
    (_, response) =>
      response
        .writeHead(200, { "content-type": jsonType, "content-length": 200_000_000 })
        .write("["),
  ];
  await expect(get()).rejects.toThrow(`${host()}: sends more than 8,000,000 bytes, the limit`);
});

test("200 MB that are not announced are read up to the limit", async () => {
  const megabyte = Buffer.alloc(1_000_000, " ");
  let sent = 0;
  const body = Readable.from(
    (function* () {
      for (; sent < 200; sent++) yield megabyte;
    })(),
  );
  server.replies = [
    (_, response) => {
      response.writeHead(200, { "content-type": jsonType });
      pipeline(body, response, () => {}); // ends by the client's hanging up
    },
  ];
  await expect(get()).rejects.toThrow("sends more than 8,000,000 bytes");
  expect(sent).toBeLessThan(200);
});

test("200 MB that come as a little gzip are unpacked up to the limit", async () => {
  const member = gzipSync(Buffer.alloc(1_000_000));
  const bomb = Buffer.concat(Array.from({ length: 200 }, () => member));
  expect(bomb.length).toBeLessThan(1_000_000);
  server.replies = [send(jsonType, bomb, { "content-encoding": "gzip" })];
  await expect(get()).rejects.toThrow("sends more than 8,000,000 bytes");
});

test("headers without end are refused", async () => {
  server.replies = [send(jsonType, "[]", { "x-long": "x".repeat(20_000) })];
  await expect(get()).rejects.toMatchObject({ name: "SourceError" });
});

test("a body that comes byte by byte is given up", async () => {
  let drip: NodeJS.Timeout | undefined;
  server.replies = [
    (_, response) => {
      response.writeHead(200, { "content-type": jsonType });
      drip = setInterval(() => response.write(" "), 10);
    },
  ];
  await expect(get({ timeout: 150 })).rejects.toMatchObject({
    message: `${host()}: no complete answer within 0.15 s`,
    transient: true,
  });
  clearInterval(drip);
});

test("a server that never answers is given up", async () => {
  server.replies = [() => {}];
  await expect(get({ timeout: 100 })).rejects.toThrow("no complete answer within 0.1 s");
});

test("an aborted signal ends the request with its reason", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  server.replies = [() => abort.abort(reason)];
  await expect(get({ signal: abort.signal })).rejects.toBe(reason);
  await expect(get({ signal: abort.signal })).rejects.toBe(reason);
  expect(server.requests).toHaveLength(1);
});
