import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { array } from "@etude/tensor";
import { gzipSync } from "fflate";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, describe as group, test } from "vitest";
import { readArrays, readImageFolder, readTable, writeFileAtomic } from "./files.ts";
import { encodePng, type Image } from "./images.ts";
import { writeNpy } from "./npy.ts";
import { writeNpz } from "./npz.ts";

let folder = "";
const inside = (...names: string[]) => path.join(folder, ...names);
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "etude-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The message of an error, without the folder of this run. */
async function complaint(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  return (error instanceof Error ? error.message : String(error))
    .replaceAll(`${folder}/`, "")
    .replaceAll(folder, ".");
}

group("readTable", () => {
  test("the extension tells the format", async () => {
    const text = "a,b\n1,x\n2,x\n";
    const contents: Record<string, Uint8Array> = {
      "t.csv": bytes(text),
      "t.CSV": bytes(text),
      "t.csv.gz": gzipSync(bytes(text)),
      "t.tsv": bytes(text.replaceAll(",", "\t")),
      "t.tsv.gz": gzipSync(bytes(text.replaceAll(",", "\t"))),
      "t.txt": bytes(text.replaceAll(",", ";")),
      "t.parquet": new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: "a", data: [1, 2], type: "DOUBLE" },
            { name: "b", data: ["x", "x"], type: "STRING" },
          ],
        }),
      ),
    };
    for (const [name, content] of Object.entries(contents)) {
      await writeFile(inside(name), content);
      const table = await readTable(inside(name));
      expect(table.name).toBe(name);
      expect(table.columns).toEqual([
        { name: "a", kind: "numeric", values: Float64Array.of(1, 2) },
        { name: "b", kind: "categorical", codes: Int32Array.of(0, 0), categories: ["x"] },
      ]);
    }
    const typed = await readTable(inside("t.csv"), { types: { a: "categorical" } });
    expect(typed.columns[0].kind).toBe("categorical");
  });

  test("in a .tsv file a comma is no delimiter, even where there are more of them than tabs", async () => {
    await writeFile(inside("commas.tsv"), "a,b,c\td\n1\t2\n");
    expect((await readTable(inside("commas.tsv"))).columns.map(({ name }) => name)).toEqual([
      "a,b,c",
      "d",
    ]);
  });

  test("errors", async () => {
    await mkdir(inside("folder.csv"));
    await writeFile(inside("t.xlsx"), "");
    await writeFile(inside("plain"), "");
    await writeFile(inside("a.npy"), "");
    await writeFile(inside("bad.csv"), "a,b\n1\n");
    const read = (name: string) => complaint(readTable(inside(name)));
    expect(await read("lost.csv")).toBe("lost.csv: there is no such file (looked in .)");
    expect(await read("folder.csv")).toBe(
      "folder.csv: this is a folder; name a file in it, or read pictures with readImageFolder",
    );
    const known = "a table is a .csv, .tsv or .txt file, each also with .gz, or a .parquet file";
    expect(await read("t.xlsx")).toBe(`t.xlsx: files ending with .xlsx cannot be read; ${known}`);
    expect(await read("plain")).toBe(
      `plain: the name has no extension, so the format is not known; ${known}`,
    );
    expect(await read("a.npy")).toBe(
      `a.npy: files ending with .npy cannot be read; ${known}; arrays are read by readArrays`,
    );
    expect(await read("bad.csv")).toContain("bad.csv, row 2: 1 cell where the header has 2");
    expect(await read("bad.csv/x.csv")).toContain("bad.csv/x.csv: cannot be read (ENOTDIR");
  });
});

test("readArrays reads one array or several", async () => {
  const [a, b] = [array([1, 2]), array([[3]], { dtype: "int32" })];
  await writeFile(inside("one.npy"), writeNpy(a));
  await writeFile(inside("two.npz"), writeNpz({ a, b }));
  expect(await readArrays(inside("one.npy"))).toEqual({ one: a });
  expect(await readArrays(inside("two.npz"))).toEqual({ a, b });
  expect(await complaint(readArrays(inside("lost.npz")))).toContain(
    "lost.npz: there is no such file",
  );
  await writeFile(inside("x.mat"), "");
  expect(await complaint(readArrays(inside("x.mat")))).toBe(
    "x.mat: files ending with .mat cannot be read; arrays are .npy or .npz files",
  );
});

test("writeFileAtomic replaces a file whole and leaves nothing beside it", async () => {
  await mkdir(inside("out"));
  const target = inside("out", "model.bin");
  await writeFileAtomic(target, "old");
  await Promise.all(
    ["first", "second"].map((text) => writeFileAtomic(target, text.repeat(10_000))),
  );
  expect(["first", "second"].map((text) => text.repeat(10_000))).toContain(
    await readFile(target, "utf8"),
  );
  await mkdir(inside("out", "taken"));
  await writeFile(inside("out", "taken", "file"), "");
  expect(await complaint(writeFileAtomic(inside("out", "taken"), "x"))).toContain(
    "out/taken: cannot be written (",
  );
  expect((await readdir(inside("out"))).sort()).toEqual(["model.bin", "taken"]);
  expect(await complaint(writeFileAtomic(inside("nowhere", "x"), "x"))).toBe(
    "nowhere/x: the folder nowhere does not exist; make it first",
  );
});

group("readImageFolder", () => {
  const one = (width: number, height: number, channels: Image["channels"], ...data: number[]) =>
    encodePng({ width, height, channels, data: Uint8Array.from(data) });
  const make = async (root: string, files: Record<string, Uint8Array | string>) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(inside(root, name)), { recursive: true });
      await writeFile(inside(root, name), content);
    }
    return inside(root);
  };

  test("folders are classes, in the order of their names; other files do not matter", async () => {
    const root = await make("pets", {
      "dog/b.png": one(2, 1, 1, 0, 51),
      "dog/a.PNG": one(2, 1, 1, 255, 0),
      "cat/1.png": one(2, 1, 3, 255, 0, 0, 0, 0, 51),
      "cat/notes.txt": "",
      ".hidden/x.png": "",
      "readme.txt": "",
    });
    const data = await readImageFolder(root);
    expect(data).toMatchObject({ name: "pets", classes: ["cat", "dog"] });
    expect([...data.targets.data]).toEqual([0, 1, 1]);
    expect(data.inputs.shape).toEqual([3, 3, 1, 2]); // in colors, since one picture is
    expect([...data.inputs.data.slice(0, 6)]).toEqual([1, 0, 0, 0, 0, Math.fround(0.2)]);
    expect([...data.inputs.data.slice(6, 12)]).toEqual([1, 0, 1, 0, 1, 0]);
    const gray = await readImageFolder(root, { channels: 1, size: [2, 1] });
    expect(gray.inputs.shape).toEqual([3, 1, 2, 1]);
    expect([...gray.inputs.data.slice(2)]).toEqual(
      [128, 128, 26, 26].map((v) => Math.fround(v / 255)),
    );
  });

  test("errors", async () => {
    const read = async (root: string, files: Record<string, Uint8Array | string>) =>
      complaint(readImageFolder(await make(root, files)));
    const pixel = one(1, 1, 1, 0);
    expect(await read("flat", { "a.png": pixel })).toBe(
      "flat: there is no folder in it; put the pictures of each class into a folder of its name",
    );
    expect(await read("bare", { "a/1.png": pixel, "b/1.gif": "" })).toBe(
      "bare/b: there is no .png, .jpg or .jpeg file in this folder; add some, or remove the folder",
    );
    expect(await read("broken", { "a/1.png": pixel, "a/2.jpg": "text" })).toBe(
      "broken/a/2.jpg: this is no picture in PNG or JPEG; convert it to one of these",
    );
    expect(await read("sizes", { "a/1.png": pixel, "b/2.png": one(2, 1, 1, 0, 0) })).toBe(
      "sizes/b/2.png: the picture is 2 x 1, but sizes/a/1.png is 1 x 1 (width x height); give { size } to bring all 2 to one size",
    );
    expect(await complaint(readImageFolder(inside("lost")))).toBe("lost: there is no such folder");
    expect(await complaint(readImageFolder(inside("flat", "a.png")))).toBe(
      "flat/a.png: this is a file, not a folder",
    );
  });
});
