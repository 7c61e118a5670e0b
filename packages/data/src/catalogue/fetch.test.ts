import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { storageError } from "./cache.ts";
import { type FetchOptions, fetchFile } from "./fetch.ts";
import type { DataFile } from "./record.ts";
import { type Progress, sha256 } from "./source.ts";

/** 300 kB that gzip cannot shrink much: a linear congruential sequence. */
const content = new Uint8Array(300_000);
for (let i = 0, x = 1; i < content.length; i++) {
  x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
  content[i] = x >>> 24;
}
const packed = new Uint8Array(gzipSync(content, { level: 1 }));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let root: string;
let folder: string;
let file: DataFile;
let requests: { url: string; range: string | undefined }[] = [];
let answers: Answer[] = [];

const rangeOf = (request: IncomingMessage): number =>
  Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);

/** What a good server does. */
const serve: Answer = (request, response) => {
  const from = rangeOf(request);
  if (from >= packed.length) response.writeHead(416).end();
  else if (from === 0) response.writeHead(200, { "content-length": packed.length }).end(packed);
  else {
    const range = `bytes ${from}-${packed.length - 1}/${packed.length}`;
    response.writeHead(206, {
      "content-range": range,
      "content-length": packed.length - from,
    });
    response.end(packed.subarray(from));
  }
};
/** Hang up once the client has kept this many bytes: earlier it might lose what was sent. */
let hangUp: { at: number; response: ServerResponse } | undefined;
/** Promises everything, sends a piece, and hangs up. */
const hangUpAfter =
  (bytes: number): Answer =>
  (request, response) => {
    const from = rangeOf(request);
    const range = from > 0 && {
      "content-range": `bytes ${from}-${packed.length - 1}/${packed.length}`,
    };
    hangUp = { at: from + bytes, response };
    response.writeHead(from > 0 ? 206 : 200, { "content-length": packed.length - from, ...range });
    response.write(packed.subarray(from, from + bytes));
  };
const status =
  (code: number, headers = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end("no");

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "etude-fetch-"));
  file = {
    path: "images/noise.bin.gz",
    bytes: packed.length,
    sha256: await sha256(packed),
    content: { bytes: content.length, sha256: await sha256(content) },
  };
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", range: request.headers.range });
    (answers.shift() ?? serve)(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(root, "cache-"));
  requests = [];
  answers = [];
  hangUp = undefined;
});

const address = (name = "/noise.bin.gz"): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}${name}`;
const target = (): string => path.join(folder, "images", "noise.bin.gz");
const get = (options: FetchOptions = {}, urls = [address()]): Promise<void> =>
  fetchFile(file, urls, target(), {
    backOff: 1,
    ...options,
    progress: (progress) => {
      options.progress?.(progress);
      if (progress.bytes === hangUp?.at) hangUp.response.destroy();
    },
  });
const arrived = async (): Promise<Uint8Array> => new Uint8Array(await readFile(target()));
const left = (): Promise<string[]> => readdir(path.join(folder, "images")).catch(() => []);

test("a file arrives whole, with progress up to its size and nothing beside it", async () => {
  const seen: Progress[] = [];
  await get({ progress: (progress) => seen.push(progress) });
  expect(await arrived()).toEqual(packed);
  expect(await left()).toEqual(["noise.bin.gz"]);
  expect(seen.at(-1)).toEqual({
    file: "images/noise.bin.gz",
    bytes: packed.length,
    total: packed.length,
  });
  expect(seen.every(({ bytes }, i) => i === 0 || bytes > seen[i - 1].bytes)).toBe(true);
});

test("a connection that breaks is resumed where it broke", async () => {
  answers = [hangUpAfter(100_000), hangUpAfter(50_000)];
  await get();
  expect(await arrived()).toEqual(packed);
  expect(requests.map(({ range }) => range)).toEqual([undefined, "bytes=100000-", "bytes=150000-"]);
});

test("a server that ignores ranges sends the file again, and it is not pieced together wrongly", async () => {
  const whole: Answer = (_, response) => response.writeHead(200).end(packed);
  answers = [hangUpAfter(100_000), whole];
  await get();
  expect(requests[1].range).toBe("bytes=100000-");
  expect(await arrived()).toEqual(packed);
});

test("a server that sends another range than asked for, or none, costs a fresh start", async () => {
  const elsewhere: Answer = (_, response) => {
    response.writeHead(206, { "content-range": `bytes 7-${packed.length - 1}/${packed.length}` });
    response.end(packed.subarray(7));
  };
  answers = [hangUpAfter(1000), elsewhere, hangUpAfter(2000), status(416)];
  await get();
  expect(requests.map(({ range }) => range)).toEqual([
    undefined,
    "bytes=1000-",
    undefined,
    "bytes=2000-",
    undefined,
  ]);
  expect(await arrived()).toEqual(packed);
});

test("a file that changed between two pieces is fetched once more from its start", async () => {
  const other: Answer = (_, response) => {
    hangUp = { at: 5000, response };
    response.writeHead(200, { "content-length": packed.length });
    response.write(new Uint8Array(5000).fill(1));
  };
  answers = [other];
  await get();
  expect(requests.map(({ range }) => range)).toEqual([undefined, "bytes=5000-", undefined]);
  expect(await arrived()).toEqual(packed);
});

test("wrong bytes are deleted, not asked for again, and the error names file, expected and found", async () => {
  const wrong = new Uint8Array(10).fill(9);
  answers = [(_, response) => response.end(wrong)];
  const error = await get().catch(String);
  expect(error).toContain("images/noise.bin.gz");
  expect(error).toContain(`expected ${packed.length.toLocaleString("en-US")} bytes with SHA-256`);
  expect(error).toContain(file.sha256);
  expect(error).toContain(`found 10 bytes with SHA-256 ${await sha256(wrong)}`);
  expect(requests.length).toBe(1);
  expect(await left()).toEqual([]);
});

test("the next address is asked when one has other bytes or nothing", async () => {
  answers = [status(404), (_, response) => response.end("an error page")];
  await get({}, [address("/gone"), address("/page"), address("/good")]);
  expect(requests.map(({ url }) => url)).toEqual(["/gone", "/page", "/good"]);
  expect(await arrived()).toEqual(packed);
});

test("busy servers are asked again, others are not; the error lists what each said", async () => {
  answers = [status(500), status(503, { "retry-after": "0" }), status(429)];
  await get();
  expect(requests.length).toBe(4);
  requests = [];
  await rm(target());
  answers = [status(500), status(500), status(404)];
  const error = await get({ attempts: 2 }, [address("/a"), address("/b")]).catch(String);
  expect(error).toMatch(/\/a: the server answers 500 .*; .*\/b: the server answers 404/);
  expect(requests.map(({ url }) => url)).toEqual(["/a", "/a", "/b"]);
});

test("redirects are followed, ranges included", async () => {
  const moved: Answer = (_, response) => response.writeHead(302, { location: "/moved" }).end();
  answers = [hangUpAfter(4000), moved];
  await get();
  expect(requests.map(({ url, range }) => [url, range])).toEqual([
    ["/noise.bin.gz", undefined],
    ["/noise.bin.gz", "bytes=4000-"],
    ["/moved", "bytes=4000-"],
  ]);
  expect(await arrived()).toEqual(packed);
});

test("a server that falls silent, before or after its first bytes, is given up and asked again", async () => {
  const silent: Answer = () => {};
  const stalled: Answer = (_, response) => {
    response.writeHead(200, { "content-length": packed.length });
    response.write(packed.subarray(0, 5000));
  };
  answers = [silent, stalled];
  await get({ patience: 200 });
  expect(requests.map(({ range }) => range)).toEqual([undefined, undefined, "bytes=5000-"]);
  expect(await arrived()).toEqual(packed);
  await rm(target());
  answers = [silent, silent];
  await expect(get({ patience: 30, attempts: 2 })).rejects.toThrow("nothing came for 0.03 s");
});

test("a slow server is not given up while bytes keep coming", async () => {
  answers = [
    async (_, response) => {
      response.writeHead(200, { "content-length": packed.length });
      const step = Math.ceil(packed.length / 12);
      for (let at = 0; at < packed.length; at += step) {
        response.write(packed.subarray(at, at + step));
        await sleep(50);
      }
      response.end();
    },
  ];
  await get({ patience: 400 }); // less than the 600 ms that all of it takes
  expect(requests.length).toBe(1);
  expect(await arrived()).toEqual(packed);
});

test("the same content packed by another program, unpacked on the way, or not packed, is as good", async () => {
  const otherwise = new Uint8Array(gzipSync(content, { level: 9 }));
  const bodies: [Uint8Array, Record<string, string>][] = [
    [otherwise, {}],
    [content, {}],
    [packed, { "content-encoding": "gzip" }],
  ];
  for (const [body, headers] of bodies) {
    answers = [(_, response) => response.writeHead(200, headers).end(body)];
    await get();
    expect(requests.length).toBe(1);
    expect(await arrived()).toEqual(headers["content-encoding"] ? content : body);
    requests = [];
    await rm(target());
  }
});

test("stopping keeps what came, for the next time", async () => {
  const stop = new AbortController();
  answers = [
    (_, response) => {
      response.writeHead(200, { "content-length": packed.length });
      response.write(packed.subarray(0, 20_000));
    },
  ];
  const stopping = get({
    signal: stop.signal,
    progress: ({ bytes }) => bytes === 20_000 && stop.abort(new Error("enough")),
  });
  await expect(stopping).rejects.toThrow("enough");
  expect((await left()).map((name) => name.endsWith(".free.part"))).toEqual([true]);
  await get();
  expect(requests[1].range).toBe("bytes=20000-");
  expect(await left()).toEqual(["noise.bin.gz"]);
});

/** The same download in a process of its own. */
function inAnotherProcess(): ReturnType<typeof spawn> {
  const code = `
    import { fetchFile } from ${JSON.stringify(new URL("fetch.ts", import.meta.url).href)};
    await fetchFile(${JSON.stringify(file)}, [${JSON.stringify(address())}], ${JSON.stringify(target())});`;
  return spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "inherit" });
}

test("a killed process leaves at most a part, and the next one goes on from it", async () => {
  let sent: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => {
    sent = resolve;
  });
  answers = [
    (_, response) => {
      response.writeHead(200, { "content-length": packed.length });
      response.write(packed.subarray(0, 60_000), () => sent?.());
    },
  ];
  const child = inAnotherProcess();
  await begun;
  const partSize = async (): Promise<number> => {
    const [name] = await left();
    return name === undefined ? 0 : (await stat(path.join(folder, "images", name))).size;
  };
  while ((await partSize()) < 60_000) await sleep(5);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect((await left()).map((name) => path.extname(name))).toEqual([".part"]);
  await get();
  expect(requests[1].range).toBe("bytes=60000-");
  expect(await arrived()).toEqual(packed);
  expect(await left()).toEqual(["noise.bin.gz"]);
});

test("three downloads at once, two of them in other processes, give one good file", async () => {
  const slowly: Answer = async (_, response) => {
    response.writeHead(200, { "content-length": packed.length });
    response.write(packed.subarray(0, 150_000));
    await all;
    response.end(packed.subarray(150_000));
  };
  const all = (async () => {
    while (requests.length < 3) await sleep(5);
  })();
  answers = [slowly, slowly, slowly];
  const children = [inAnotherProcess(), inAnotherProcess()];
  const exits = children.map((child) => once(child, "exit"));
  await get();
  expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0]);
  expect(requests.map(({ range }) => range)).toEqual([undefined, undefined, undefined]);
  expect(await arrived()).toEqual(packed);
  expect(await left()).toEqual(["noise.bin.gz"]);
});

test("the part of another machine is left alone until it has long been idle", async () => {
  answers = [hangUpAfter(10_000)];
  await get({ attempts: 1 }).catch(() => {});
  const [free] = await left();
  const foreign = path.join(folder, "images", free.replace("free", "0badcafe-1-00000000"));
  await writeFile(foreign, await readFile(path.join(folder, "images", free)));
  await rm(path.join(folder, "images", free));
  await get();
  expect(requests.at(-1)?.range).toBeUndefined();
  expect(await left()).toContain(path.basename(foreign));

  await rm(target());
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(foreign, longAgo, longAgo);
  await get();
  expect(requests.at(-1)?.range).toBe("bytes=10000-");
  expect(await left()).toEqual(["noise.bin.gz"]);
});

test("trouble with the disk is told plainly, and no other address is tried", async () => {
  await writeFile(path.join(folder, "images"), "a file in the way");
  const error = await get({}, [address("/a"), address("/b")]).catch(String);
  expect(error).toMatch(/images: a part of this path is a file, not a folder; .*ETUDE_CACHE/);
  expect(requests).toEqual([]);
  const full = Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" });
  expect(storageError(full, "/c/x").message).toMatch(/^\/c\/x: the disk is full; .*ETUDE_CACHE/);
});
