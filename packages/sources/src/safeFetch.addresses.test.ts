import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Resolve } from "./guardedConnector.ts";
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

test("follows redirects, relative ones too, five at most", async () => {
  server.replies = [301, 302, 303, 307, 308].map((code) => reply.redirectTo("/next", code));
  expect(await get()).toMatchObject({ text: "[]" });
  server.replies = Array.from({ length: 6 }, () => reply.redirectTo("/next"));
  await expect(get()).rejects.toThrow(`${host()}: redirects more than 5 times`);
});

test("a redirect that does not say where to is an error", async () => {
  server.replies = [reply.status(302), reply.redirectTo("http://[")];
  await expect(get()).rejects.toThrow("redirects without saying where to");
  await expect(get()).rejects.toThrow('"http://[" is not a URL');
});

test.each([
  ["https://127.0.0.1/", /^127\.0\.0\.1: resolves to 127\.0\.0\.1; only public addresses/],
  ["https://[::1]/", /^::1: resolves to ::1; only public/],
  ["https://[::ffff:127.0.0.1]/", /only public addresses/],
  ["https://169.254.169.254/latest/meta-data/", /^169\.254\.169\.254: resolves to/],
  ["https://0x7f.1/", /^127\.0\.0\.1: resolves to/],
  ["https://2130706433/", /^127\.0\.0\.1: resolves to/],
  ["https://localhost/", /^localhost: resolves to .*127\.0\.0\.1.*; only public/],
  ["http://127.0.0.1/", /"http:\/\/127\.0\.0\.1\/" is not fetched: only https is/],
  ["http://example.org/", /only https is/],
  ["file:///etc/passwd", /"file:\/\/\/etc\/passwd" is not fetched: only https is/],
  ["ftp://example.org/", /only https is/],
  ["data:application/json,[]", /only https is/],
  ["https://user:secret@example.org/", /a user name or a password/],
])("neither asked for nor redirected to %s is anything fetched", async (address, problem) => {
  server.replies = [reply.redirectTo(address)];
  await expect(get()).rejects.toThrow(problem);
  await expect(get({}, address)).rejects.toThrow(problem);
  await expect(get()).resolves.toMatchObject({ text: "[]" });
});

test("permission for one private origin is none for its neighbours", async () => {
  const other = await startServer(send(jsonType, '["secret"]'));
  server.replies = [reply.redirectTo(other.origin)];
  await expect(get()).rejects.toThrow("only https is");
  server.replies = [reply.redirectTo(other.origin.replace("http:", "https:"))];
  await expect(get()).rejects.toThrow("only public addresses are fetched from");
  expect(other.requests).toHaveLength(0);
  await other.close();
});

test("the addresses judged are those connected to: a name is resolved once", async () => {
  const { port } = new URL(server.origin);
  let lookups = 0;
  const resolve: Resolve = async () => {
    lookups += 1;
    return [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ];
  };
  const url = `https://rebinding.test:${port}/`;
  await expect(get({ resolve }, url)).rejects.toThrow(
    "rebinding.test: resolves to 127.0.0.1, ::1; only public addresses are fetched from",
  );
  expect(lookups).toBe(1);
  expect(server.requests).toHaveLength(0);
});

test("a name that has no address at all, or cannot be resolved, is an error", async () => {
  await expect(get({ resolve: async () => [] }, "https://nowhere.test/")).rejects.toThrow(
    "nowhere.test: resolves to no address",
  );
  const failing: Resolve = async () => Promise.reject(new Error("getaddrinfo EAI_AGAIN"));
  await expect(get({ resolve: failing }, "https://nowhere.test/")).rejects.toMatchObject({
    message: "nowhere.test: getaddrinfo EAI_AGAIN",
    transient: true,
  });
});

test("a mirror may have a name that resolves to a private address", async () => {
  const { port } = new URL(server.origin);
  const mirror = `http://mirror.test:${port}`;
  const resolve: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const rules = { allowPrivate: [mirror], resolve };
  expect(await get(rules, `${mirror}/list`)).toMatchObject({ text: "[]" });
});

test("what is no URL is said to be none", async () => {
  await expect(get({}, "papers")).rejects.toThrow('"papers" is not a URL');
});
