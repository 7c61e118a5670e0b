import { once } from "node:events";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { available } from "./available.ts";
import { cacheFolder } from "./cache.ts";
import { type NodeSourceOptions, nodeSource } from "./nodeSource.ts";
import type { DataFile } from "./record.ts";
import { dataSet, dataSets } from "./sets.ts";
import { checkedSource, sha256 } from "./source.ts";

const shipped = fileURLToPath(new URL("../../sets/iris.csv.gz", import.meta.url));
const [irisFile] = dataSet("iris").files;
/** A file that is nowhere but in the mirrors of these tests, with the bytes of a shipped one. */
const flowers: DataFile = { ...irisFile, path: "tests/flowers.csv.gz", shipped: false };

let root: string;
let cache: string;
let mirror: string;
let server: Server;
let url: string;
let requests: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "etude-source-"));
  mirror = path.join(root, "mirror");
  const bytes = await readFile(shipped);
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    if (request.url?.startsWith("/m/tests/")) response.end(bytes);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m/`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  cache = await mkdtemp(path.join(root, "cache-"));
  requests = [];
  await rm(mirror, { recursive: true, force: true });
  await mkdir(path.join(mirror, "tests"), { recursive: true });
  await cp(shipped, path.join(mirror, flowers.path));
});

const source = (options: NodeSourceOptions = {}) =>
  nodeSource({ cache, mirror: "", offline: true, attempts: 1, ...options });

test("shipped files need neither network nor mirror", async () => {
  expect(await sha256(await source().bytes(irisFile))).toBe(irisFile.sha256);
  expect(await source().place(irisFile)).toBe("shipped");
});

test("the folder of shipped files holds what the records say, and a licence for each", async () => {
  const files = dataSets().flatMap((set) => set.files.filter((file) => file.shipped));
  const names = files.map((file) => path.posix.basename(file.path));
  const folder = path.dirname(shipped);
  const others = ["LICENCES.md"];
  expect((await readdir(folder)).sort()).toEqual([...names, ...others].sort());
  const licences = await readFile(path.join(folder, "LICENCES.md"), "utf8");
  expect(names.filter((name) => !licences.includes(`| \`${name}\` |`))).toEqual([]);
  const reading = source();
  for (const file of files) expect((await reading.bytes(file)).length).toBe(file.bytes);
});

test("a mirror folder is read in place; nothing is copied to the cache", async () => {
  const reading = source({ mirror });
  expect(await reading.place(flowers)).toBe("mirror");
  expect(await sha256(await reading.bytes(flowers))).toBe(flowers.sha256);
  expect(await readdir(cache)).toEqual(["checked"]);
});

test("a checksum is remembered while size and time of a file stay, and not longer", async () => {
  const location = path.join(mirror, flowers.path);
  const then = new Date(1_700_000_000_000);
  await utimes(location, then, then);
  await source({ mirror }).bytes(flowers);
  const { size } = await stat(location);
  // Same size and time: taken for the file that was checked. This shows that it is not hashed again.
  await writeFile(location, new Uint8Array(size));
  await utimes(location, then, then);
  expect((await source({ mirror }).bytes(flowers)).every((byte) => byte === 0)).toBe(true);
  await utimes(location, then, new Date(then.getTime() + 5000));
  const error = await source({ mirror }).bytes(flowers).catch(String);
  expect(error).toContain(`${location}: expected 839 bytes with SHA-256 ${flowers.sha256}, found`);
  expect((await stat(location)).size).toBe(size); // the mirror is not ours to clean
});

test("a mirror URL fills the cache once", async () => {
  const online = source({ mirror: url, offline: false });
  expect(await online.place(flowers)).toBe("fetch");
  await online.bytes(flowers);
  await online.bytes(flowers);
  expect(requests).toEqual(["/m/tests/flowers.csv.gz"]);
  expect(await source().place(flowers)).toBe("cached");
  expect(await sha256(await source().bytes(flowers))).toBe(flowers.sha256);
});

test("a damaged file in the cache is deleted, and fetched again where it can be", async () => {
  const location = path.join(cache, flowers.path);
  await mkdir(path.dirname(location), { recursive: true });
  await writeFile(location, "damaged");
  const error = await source().bytes(flowers).catch(String);
  expect(error).toMatch(/flowers\.csv\.gz: expected 839 bytes .*, found 7 bytes .*it was deleted/);
  await expect(stat(location)).rejects.toThrow("ENOENT");

  await writeFile(location, "damaged");
  const bytes = await source({ mirror: url, offline: false }).bytes(flowers);
  expect(await sha256(bytes)).toBe(flowers.sha256);
});

test("a cache that cannot be written to is no hindrance to reading", async () => {
  const blocked = path.join(root, "a-file");
  await writeFile(blocked, "");
  const reading = source({ cache: blocked, mirror });
  expect(await sha256(await reading.bytes(flowers))).toBe(flowers.sha256);
  await expect(
    source({ cache: blocked, mirror: url, offline: false }).bytes(flowers),
  ).rejects.toThrow(/a part of this path is a file.*ETUDE_CACHE/);
});

test("what is nowhere is said in one line: file, size, address, and the ways to get it", async () => {
  const [published] = dataSet("fashion-mnist-published").files;
  const offline = await source().bytes(published).catch(String);
  expect(offline).toContain("images/fashion-mnist/train-images-idx3-ubyte.gz (26.4 MB)");
  expect(offline).toMatch(/would be fetched from https:.*, but ETUDE_OFFLINE is set/);
  expect(offline).toMatch(
    /unset ETUDE_OFFLINE, or set ETUDE_DATA_MIRROR to .*, or put the file at/,
  );
  const [faces] = dataSet("olivetti").files;
  const converted = await source({ offline: false }).bytes(faces).catch(String);
  expect(converted).toMatch(
    /\(1\.4 MB\) is not on this machine, and no public address has the same/,
  );
  expect(converted).not.toContain("online");
  const refused = { ...flowers, urls: ["http://127.0.0.1:1/flowers.csv.gz"] };
  const failed = await source({ offline: false }).bytes(refused).catch(String);
  expect(failed).toMatch(
    /could not be fetched \(.*127\.0\.0\.1:1.*\); try again when online, or set/,
  );
  for (const message of [offline, converted, failed]) expect(message).not.toContain("\n");
});

test("availability adds up what would be fetched", async () => {
  expect(await available("iris", source())).toEqual({
    id: "iris",
    place: "shipped",
    here: true,
    bytesToFetch: 0,
  });
  expect(await available("mnist", source())).toMatchObject({ place: "package", here: true });
  const online = await available("fashion-mnist-published", source({ offline: false }));
  expect(online).toEqual({
    id: "fashion-mnist-published",
    place: "fetch",
    here: false,
    bytesToFetch: 26_421_856 + 29_491 + 4_422_079 + 5_125,
  });
  const cifar = await available("cifar10", source({ offline: false }));
  expect(cifar).toMatchObject({ place: "missing", here: false, bytesToFetch: 53_694_200 });
  expect(cifar.advice).toMatch(/^5 files \(53\.7 MB; images\/cifar10\/.* ETUDE_DATA_MIRROR/);
  await expect(available("cifar11", source())).rejects.toThrow('did you mean "cifar10"');
});

test("the cache lies where the platform keeps such things, unless ETUDE_CACHE says otherwise", () => {
  expect(cacheFolder({}, "linux", "/home/ada")).toBe("/home/ada/.cache/etude");
  expect(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux", "/home/ada")).toBe("/x/etude");
  expect(cacheFolder({}, "darwin", "/Users/ada")).toBe("/Users/ada/Library/Caches/etude");
  expect(cacheFolder({ ETUDE_CACHE: "/big" }, "darwin", "/Users/ada")).toBe("/big");
});

test("a source of a browser gets any function's bytes, checked", async () => {
  const { bytes } = source();
  expect((await checkedSource(bytes).bytes(irisFile)).length).toBe(839);
  const wrong = checkedSource(async () => new Uint8Array(3));
  await expect(wrong.bytes(irisFile)).rejects.toThrow("found 3 bytes with SHA-256");
});
