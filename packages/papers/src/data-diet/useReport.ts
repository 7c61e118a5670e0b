/** What is shown of a diet: both ends of the ranking, the scores, and what pruning costs. */
import { gatherRows, imageSheet, textAt } from "@etude/data";
import { meanInterval, pairedDifference } from "@etude/learn";
import type { Summary } from "../contract/experiment.ts";
import type { DataTable, Figure, Picture } from "../contract/figure.ts";
import type { Check } from "./useCheck.ts";
import type { LabelledData } from "./useData.ts";
import type { Diet, DietOptions } from "./useDiet.ts";

/** Rows of tables, and pictures of a sheet. */
const shownRows = 20;
const shownPictures = 40;

export function dietReport(
  data: LabelledData,
  diet: Diet,
  check: Check | null,
  score: DietOptions["score"],
): Summary {
  const { order, errors } = diet;
  const hardest = [...order].reverse().slice(0, shownRows);
  const easiest = [...order].slice(0, shownRows);
  return {
    tables: [
      errorTable(data, diet),
      endTable(data, diet, "hardest", `Highest ${names[score]}`, hardest),
      endTable(data, diet, "easiest", `Lowest ${names[score]}`, easiest),
      classTable(data, diet),
      ...(check === null ? [] : [checkTable(check)]),
    ],
    figures: [scoreFigure(diet), relationFigure(diet)],
    pictures: [
      ...sheet(data, "probable label errors", "errors", [...errors]),
      ...sheet(data, `highest ${names[score]}`, "hardest", [...order].reverse()),
      ...sheet(data, `lowest ${names[score]}`, "easiest", [...order]),
    ],
    findings: findingsOf(data, diet, check),
  };
}

const names = { el2n: "EL2N", grand: "GraNd", forgetting: "forgetting" } as const;

const labelOf = ({ classes, examples }: LabelledData, example: number): string =>
  classes[examples.labels.data[example]];

function errorTable(data: LabelledData, diet: Diet): DataTable {
  const shown = [...diet.errors].slice(0, shownRows);
  return {
    id: "errors",
    title: `Probable label errors: ${diet.errors.length} of ${diet.el2n.length}`,
    caption:
      "The networks give another class much more probability than the label. All are in label-errors.csv.",
    columns: [
      ...data.placeNames,
      "label",
      "suggested",
      "its probability",
      "EL2N",
      ...cellNames(data),
    ],
    rows: shown.map((i) => [
      ...data.placeOf(i),
      labelOf(data, i),
      data.classes[diet.suggested[i]],
      diet.suggestedProbability[i],
      diet.el2n[i],
      ...cells(data, i),
    ]),
  };
}

function endTable(
  data: LabelledData,
  diet: Diet,
  id: string,
  title: string,
  examples: readonly number[],
): DataTable {
  return {
    id,
    title,
    columns: [
      ...data.placeNames,
      "label",
      "EL2N",
      "GraNd",
      "forgotten",
      "copy",
      ...cellNames(data),
    ],
    rows: examples.map((i) => [
      ...data.placeOf(i),
      labelOf(data, i),
      diet.el2n[i],
      diet.grand[i],
      Number.isFinite(diet.forgetting[i]) ? diet.forgetting[i] : "never learned",
      diet.status[i],
      ...cells(data, i),
    ]),
  };
}

/** The first columns of a table but for the label, so that a row can be recognised. */
const mostCells = 6;

const columnsShown = ({ source }: LabelledData) =>
  source.kind === "table"
    ? source.table.columns.filter(({ name }) => name !== source.target).slice(0, mostCells)
    : [];
const cellNames = (data: LabelledData) => columnsShown(data).map(({ name }) => name);
const cells = (data: LabelledData, row: number) =>
  columnsShown(data).map((column) => (textAt(column, row) ?? "").slice(0, 60));

function classTable({ classes, examples }: LabelledData, diet: Diet): DataTable {
  const tally = (members: ArrayLike<number>) => {
    const counts = new Int32Array(classes.length);
    for (const example of Array.from(members)) counts[examples.labels.data[example]]++;
    return counts;
  };
  const [all, kept, wrong] = [diet.order, diet.kept, diet.errors].map(tally);
  return {
    id: "classes",
    title: "What the pruned copy has of each class",
    caption: "Subsets are not balanced: easy classes are thinned out more.",
    columns: ["class", "examples", "kept", "kept, per cent", "probable label errors"],
    rows: classes
      .slice(0, 1000)
      .map((name, k) => [
        name,
        all[k],
        kept[k],
        Math.round((1000 * kept[k]) / Math.max(1, all[k])) / 10,
        wrong[k],
      ]),
  };
}

function checkTable(check: Check): DataTable {
  const row = (name: string, values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (values.length < 2) return [name, mean, null, null];
    const [low, high] = meanInterval(values, 0.9);
    return [name, mean, low, high];
  };
  return {
    id: "check",
    title: "Accuracy on a fifth held out, per cent",
    caption: `Trained for the same number of steps each time, ${check.everything.length} times with another fifth; the labels held out are as they are, wrong ones included. Low and high are the ends of the 90 % interval.`,
    columns: ["trained on", "accuracy", "low", "high"],
    rows: [
      row("everything", check.everything),
      row("the pruned data", check.pruned),
      row("as many at random", check.random),
    ],
  };
}

function scoreFigure({ el2n, order, kept }: Diet): Figure {
  const points = 200;
  const rows = el2n.length;
  const sorted = Float64Array.from(el2n).sort();
  const places = Array.from({ length: points + 1 }, (_, i) => i / points);
  const share = (rank: number) => (100 * rank) / rows;
  const isKept = new Uint8Array(rows);
  for (const example of kept) isKept[example] = 1;
  const ranks = [...order.keys()].filter((rank) => isKept[order[rank]]);
  return {
    id: "scores",
    title: "EL2N in ascending order",
    caption: `Kept are the examples from ${share(ranks[0]).toFixed(0)} to ${share(ranks[ranks.length - 1] + 1).toFixed(0)} per cent of the ranking.`,
    x: { label: "examples with lower scores, per cent" },
    y: { label: "EL2N" },
    marks: [
      {
        type: "line",
        x: places.map((place) => 100 * place),
        y: places.map((place) => sorted[Math.round(place * (rows - 1))]),
      },
      { type: "rule", series: "kept from here", x: share(ranks[0]) },
      { type: "rule", series: "kept to here", x: share(ranks[ranks.length - 1] + 1) },
    ],
  };
}

/** At most so many dots: every k-th example of the ranking. */
const mostDots = 1500;

function relationFigure({ el2n, grand, order, errors }: Diet): Figure {
  const every = Math.ceil(order.length / mostDots);
  const wrong = new Set(errors);
  const shown = [...order].filter((_, rank) => rank % every === 0);
  const dots = (series: string, members: readonly number[]) =>
    ({
      type: "dots",
      series,
      x: members.map((i) => el2n[i]),
      y: members.map((i) => grand[i]),
    }) as const;
  return {
    id: "relation",
    title: "Both early scores of the examples",
    x: { label: "EL2N" },
    y: { label: "GraNd" },
    marks: [
      dots(
        "examples",
        shown.filter((i) => !wrong.has(i)),
      ),
      dots("probable label errors", [...errors].slice(0, mostDots)),
    ],
  };
}

function sheet(data: LabelledData, title: string, id: string, examples: number[]): Picture[] {
  const { pictures } = data;
  const members = examples.slice(0, shownPictures);
  if (pictures === undefined || members.length === 0) return [];
  const zoom = Math.max(1, Math.floor(56 / pictures.shape[2]));
  const png = imageSheet(gatherRows(pictures, members), { columns: 10, zoom });
  return [
    {
      id,
      title: `Images: ${title}`,
      caption: `Row by row, labelled ${members.map((i) => labelOf(data, i)).join(", ")}.`.slice(
        0,
        4000,
      ),
      png: btoa(Array.from(png, (byte) => String.fromCharCode(byte)).join("")),
    },
  ];
}

function findingsOf(data: LabelledData, diet: Diet, check: Check | null): string[] {
  const rows = diet.el2n.length;
  const never = diet.forgetting.filter((score) => score === Number.POSITIVE_INFINITY).length;
  const above = diet.status.filter((status) => status === "left out above").length;
  return [
    `${diet.kept.length} of ${rows} ${data.source.kind === "table" ? "rows" : "examples"} are kept; ${above} above them are left out as probably wrong or too hard, ${rows - above - diet.kept.length} below as too easy.`,
    `${diet.errors.length} labels are probably wrong; ${never} examples were never right in a whole training.`,
    ...(check === null ? [] : [checkFinding(check)]),
  ];
}

function checkFinding({ pruned, everything, random }: Check): string {
  const against = (others: readonly number[], name: string): string => {
    if (pruned.length < 2) return `${signed(pruned[0] - others[0])} points against ${name}`;
    const { mean, interval } = pairedDifference(pruned, others, 0.9);
    return `${signed(mean)} points (${interval.map(signed).join(" to ")}) against ${name}`;
  };
  const gain = pruned.reduce((sum, value, i) => sum + (value - random[i]) / pruned.length, 0);
  const advice =
    gain < 0
      ? " Here the hardest examples are a worse choice than chance: keep more of the data, or use the scores for finding wrong labels only."
      : "";
  return `Pruned like this, the accuracy on held-out examples changes by ${against(everything, "all data")} and by ${against(random, "as many at random")}.${advice}`;
}

const signed = (value: number): string => `${value >= 0 ? "+" : ""}${value.toFixed(2)}`;
