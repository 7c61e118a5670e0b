import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { safeFetch } from "./safeFetch.ts";
import { selfSigned } from "./testing/certificate.ts";
import { jsonType, redirectTo, send, startServer, type TestServer } from "./testing/server.ts";

const identity = selfSigned();
const known = getCACertificates();
let secure: TestServer;
let plain: TestServer;
beforeAll(async () => {
  secure = await startServer(send(jsonType, "[]"), identity);
  plain = await startServer(send(jsonType, '["plain"]'));
});
afterAll(async () => {
  setDefaultCACertificates(known);
  await secure.close();
  await plain.close();
});
const get = (url: string) =>
  safeFetch(url, {
    accept: ["application/json"],
    allowPrivate: [secure.origin, plain.origin],
  });

test("a certificate that nobody vouches for is refused", async () => {
  await expect(get(secure.origin)).rejects.toThrow(/self-signed certificate/);
  expect(secure.requests).toHaveLength(0);
});

test("https is fetched, and http may lead to it, but never back", async () => {
  setDefaultCACertificates([...known, identity.cert]);
  expect(await get(secure.origin)).toMatchObject({ text: "[]" });
  plain.replies = [redirectTo(secure.origin)];
  expect(await get(plain.origin)).toMatchObject({ text: "[]" });
  const before = plain.requests.length;
  secure.replies = [redirectTo(plain.origin)];
  await expect(get(secure.origin)).rejects.toThrow(
    `${new URL(secure.origin).host}: redirects from https to "${plain.origin}/"`,
  );
  expect(plain.requests).toHaveLength(before);
});
