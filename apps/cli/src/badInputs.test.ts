/** What a person gets wrong: each ends with status 2 and one line that names what and where. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { exportOnnx, type Tensor, zeros } from "@etude/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere, runProcess } from "./testing/runs.ts";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "etude-bad-"));
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "good.csv": "age,price\n1,2.5\n2,3\n3,5\n",
    "ragged.csv": "age,price\n1,2\n2,3,4\n3,5\n",
    "empty.csv": "",
    "header.csv": "age,price\n",
    "quote.csv": 'age,price\n1,"2\n2,3\n',
    "twice.csv": "age,age\n1,2\n2,3\n",
    "constant.csv": "age,price\n1,2.5\n2,2.5\n3,2.5\n",
    "single.csv": "age,kind\n1,a\n2,a\n3,b\n",
    "missing.csv": "age,price\n1,2\n2,\n3,5\n",
    "infinite.csv": "age,price\n1,2\n2,inf\n3,5\n",
    "text.csv": "age,price\n1,2\n2,cheap\n3,5\n",
    "short.csv": "price\n2\n3\n",
    "binary.csv": new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0xff, 0xfe, 0, 1]),
    "cut.csv.gz": gzipSync("age,price\n1,2\n".repeat(1000)).subarray(0, 30),
    "table.xlsx": "PK",
    "bad.parquet": "PAR1 this is not one PAR1",
    "bad.npy": "\u0093NUMPY and no more",
    "bad.npz": "PK and no more",
    "bad.onnx": "this is not a model",
    "other.onnx": await exportOnnx((x: Tensor) => x.mul(2), [zeros([4, 7])]),
    "report.json": '{"kind":"verify","schema":1,"paper":"gbnn"}',
    "not.json": "{",
    "notes.txt": "hello",
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), content);
  }
  mkdirSync(path.join(folder, "pictures"));
  mkdirSync(path.join(folder, "other"));
  writeFileSync(path.join(folder, "other", "thesis.tex"), "");
  mkdirSync(path.join(folder, "sealed"));
  chmodSync(path.join(folder, "sealed"), 0o500);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const use = (...args: string[]) => ["use", "data-diet", ...args];
const onTable = (file: string, target = "price", ...more: string[]) =>
  use("--data", file, "--target", target, "--out", "used", ...more);
const verify = (...args: string[]) => ["verify", "data-diet", "--preset", "smoke", ...args];

/** A command line, and what its one line must name. */
const cases: readonly (readonly [what: string, args: readonly string[], line: RegExp])[] = [
  // Files
  ["a ragged row", onTable("ragged.csv"), /ragged\.csv, row 3: /],
  ["an empty file", onTable("empty.csv"), /empty\.csv: /],
  ["a header and nothing else", onTable("header.csv"), /header\.csv.*: /],
  ["a quotation that does not end", onTable("quote.csv"), /quote\.csv, row 2/],
  ["two columns of one name", onTable("twice.csv", "age"), /twice\.csv.*"age"/],
  [
    "a target that is not there",
    onTable("good.csv", "prize"),
    /good\.csv: .*"prize".*mean "price"/,
  ],
  [
    "a constant target",
    onTable("constant.csv"),
    /constant\.csv, column "price": all values are 2.5/,
  ],
  ["a class with one member", onTable("single.csv", "kind"), /single\.csv.*"kind".*"b"/],
  ["a target with a gap", onTable("missing.csv"), /missing\.csv, row 3, column "price": /],
  ["an infinite target", onTable("infinite.csv"), /infinite\.csv, row 3, column "price": /],
  ["a text among numbers", onTable("text.csv"), /text\.csv.*"price"/],
  ["a packed file in disguise", onTable("binary.csv"), /binary\.csv/],
  ["a file cut short", onTable("cut.csv.gz"), /cut\.csv\.gz/],
  ["a spreadsheet", onTable("table.xlsx"), /table\.xlsx: /],
  ["a broken Parquet file", onTable("bad.parquet"), /bad\.parquet: /],
  ["a broken array", onTable("good.csv", "price", "--arrays", "bad.npy"), /bad\.npy: /],
  ["a broken archive of arrays", onTable("good.csv", "price", "--arrays", "bad.npz"), /bad\.npz: /],
  ["a broken model", onTable("good.csv", "price", "--model", "bad.onnx"), /bad\.onnx: not a model/],
  [
    "a model of other shapes",
    onTable("good.csv", "price", "--model", "other.onnx"),
    /cannot be applied/,
  ],
  [
    "rows without a column",
    onTable("good.csv", "price", "--predict", "short.csv"),
    /short\.csv.*"age"/,
  ],
  ["a file that is not there", onTable("god.csv"), /--data god\.csv: there is no such file/],
  ["a folder for a table", onTable("pictures"), /--data pictures: expected a table.*got a folder/],
  [
    "a table for a model",
    onTable("good.csv", "price", "--model", "good.csv"),
    /--model good\.csv: expected a model/,
  ],
  [
    "a path through a file",
    onTable("good.csv/x.csv"),
    /--data good\.csv\/x\.csv: a part of this path/,
  ],
  // Flags of a paper
  ["a required file left out", use("--target", "price"), /--data is missing: the table/],
  ["a required option left out", use("--data", "good.csv"), /--target is missing/],
  [
    "a number out of range",
    onTable("good.csv", "price", "--times", "12"),
    /--times 12: expected a whole number from 1 to 9/,
  ],
  ["a text for a number", onTable("good.csv", "price", "--times", "two"), /--times two: expected/],
  [
    "a list with a text",
    onTable("good.csv", "price", "--rates", "0.1,x"),
    /--rates 0\.1,x: expected a list/,
  ],
  [
    "a choice there is not",
    onTable("good.csv", "price", "--way", "fency"),
    /--way fency: expected plain or fancy; did you mean fancy\?/,
  ],
  [
    "a flag there is not",
    onTable("good.csv", "price", "--tims", "2"),
    /no flag --tims; did you mean --times\?/,
  ],
  ["a flag without its value", use("--data", "--target", "price"), /--data needs a value/],
  [
    "a flag twice",
    onTable("good.csv", "price", "--target", "age"),
    /--target is given 2 times \(price, age\)/,
  ],
  [
    "a value for a switch",
    onTable("good.csv", "price", "--shuffle=maybe"),
    /--shuffle takes no value/,
  ],
  [
    "a file without its flag",
    use("good.csv"),
    /unexpected word "good\.csv"; did you mean --data good\.csv\?/,
  ],
  ["a seed that is none", onTable("good.csv", "price", "--seed", "-1"), /--seed -1: expected/],
  [
    "a folder with other files",
    onTable("good.csv", "price", "--out", "other").toSpliced(6, 2),
    /--out other: .*thesis\.tex/,
  ],
  // Commands and papers
  ["a command there is not", ["verfy", "gbnn"], /no command "verfy"; did you mean etude verify\?/],
  ["a paper as command", ["gbnn"], /"gbnn" is a paper.*etude read gbnn/],
  [
    "a paper there is not",
    ["verify", "data-deit"],
    /no paper "data-deit"; did you mean data-diet\?/,
  ],
  ["a paper that can only be read", ["verify", "gbnn"], /gbnn .* can only be read/],
  ["no paper", ["verify"], /the name of a paper is missing: etude verify <paper>/],
  ["a flag before a command", ["--jason"], /no flag --jason/],
  ["a topic there is not", ["list", "--topic", "tabula"], /--topic tabula: .*mean tabular\?/],
  [
    "a data set there is not",
    ["data", "info", "vehicl"],
    /no data set "vehicl"; did you mean "vehicle"\?/,
  ],
  [
    "a data action there is not",
    ["data", "fetsh"],
    /etude data fetsh: expected list, info, fetch or path/,
  ],
  ["a shell there is not", ["completion", "fish"], /etude completion fish: expected bash or zsh/],
  // Runs
  [
    "a preset there is not",
    ["verify", "data-diet", "--preset", "quik"],
    /--preset quik: expected smoke, quick or full; did you mean quick\?/,
  ],
  ["seeds in another form", verify("--seeds", "0-4"), /--seeds 0-4: expected a range such as/],
  ["an option there is not", verify("--set", "stps=1"), /--set stps=1: .*mean steps\?/],
  ["an option without a value", verify("--set", "steps"), /--set steps: expected name=value/],
  [
    "an option out of range",
    verify("--set", "steps=99"),
    /--set steps=99: expected a whole number from 1 to 50/,
  ],
  [
    "two options at one flag",
    verify("--set", "steps=2", "bar=3"),
    /unexpected word "bar=3"; .*--set bar=3/,
  ],
  [
    "a device there is not",
    verify("--device", "gpu"),
    /--device gpu: expected cpu, wasm, webgpu or cuda; did you mean/,
  ],
  ["no threads", verify("--threads", "0"), /--threads 0: expected a whole number from 1/],
  ["threads in words", verify("--threads", "two"), /--threads two: expected a number/],
  ["both ways at once", verify("--resume", "--fresh"), /--resume and --fresh exclude each other/],
  ["a file for a folder", verify("--out", "notes.txt"), /--out notes\.txt: it is a file/],
  ["a folder of somebody else", verify("--out", "other"), /--out other: .*thesis\.tex/],
  // Reports
  ["a report that is none", ["report", "report.json"], /report\.json: not a report of Etude: /],
  ["a report that is not JSON", ["report", "not.json"], /not\.json: this is not JSON/],
  ["a folder without a report", ["report", "pictures"], /pictures: there is no report\.json in it/],
  ["a report that is not there", ["report", "out/nothing"], /out\/nothing: there is no such/],
];

describe("bad input", () => {
  it.each(cases)("%s", async (_, args, line) => {
    const { status, out, err } = await runHere(args, { folder });
    const lines = err.split("\n").filter((each) => !/^\s*\d+ %/.test(each));
    expect({ status, out, lines: lines.length }, err).toEqual({ status: 2, out: "", lines: 1 });
    expect(lines[0]).toMatch(/^etude: /);
    expect(lines[0]).toMatch(line);
    expect(lines[0]).not.toMatch(/undefined|NaN|\[object|Error:|node_modules/);
  });

  it("is refused by the process too, on the standard error alone", async () => {
    const commands = [
      onTable("ragged.csv"),
      ["verfy"],
      verify("--seeds", "0-4"),
      ["report", "not.json"],
      // Root may write everywhere, so that there the folder is not sealed.
      ...(process.getuid?.() === 0 ? [] : [verify("--out", "sealed/run")]),
    ];
    const ends = await Promise.all(commands.map((args) => runProcess(args, { folder })));
    for (const { status, out, err } of ends) {
      expect({ status, out, lines: err.split("\n").length }, err).toEqual({
        status: 2,
        out: "",
        lines: 2,
      });
    }
  });

  it("in a place that cannot be written to is named", async () => {
    const { status, err } = await runHere(verify("--out", "/proc/etude/run"), { folder });
    expect(status).toBe(2);
    expect(err).toMatch(/^etude: .*\/proc\/etude.*: (there is no such|permission|the file system)/);
  });
});
