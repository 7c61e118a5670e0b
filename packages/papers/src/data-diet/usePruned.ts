/** The files that use leaves: scores, probable label errors, and the data without what is not needed. */
import { csvCell, encodePng, gatherRows, selectRows, toCsv, writeNpz } from "@etude/data";
import type { NDArray } from "@etude/tensor";
import type { OutputFile } from "../contract/use.ts";
import { tarArchive } from "./tar.ts";
import type { LabelledData } from "./useData.ts";
import type { Diet } from "./useDiet.ts";

type Cell = string | number;

const csv = (header: readonly string[], rows: readonly (readonly Cell[])[]): Uint8Array =>
  new TextEncoder().encode(
    `${[header, ...rows].map((row) => row.map((cell) => csvCell(written(cell))).join(",")).join("\n")}\n`,
  );

/** Six digits, which is more than scores are good for; infinity as readers of numbers know it. */
const written = (cell: Cell): string => {
  if (typeof cell === "string") return cell;
  if (cell === Number.POSITIVE_INFINITY) return "inf";
  return Number.isInteger(cell) ? String(cell) : String(Number(cell.toPrecision(6)));
};

export function outputFiles(data: LabelledData, diet: Diet): OutputFile[] {
  return [scoresFile(data, diet), errorsFile(data, diet), ...prunedFiles(data, diet)];
}

/** Every example in the order of the data. */
function scoresFile(data: LabelledData, diet: Diet): OutputFile {
  const { el2n, grand, forgetting, suggested, suggestedProbability, status } = diet;
  const rows = Array.from(el2n, (_, i): Cell[] => [
    ...data.placeOf(i),
    data.classes[data.examples.labels.data[i]],
    el2n[i],
    grand[i],
    forgetting[i],
    data.classes[suggested[i]],
    suggestedProbability[i],
    status[i],
  ]);
  const header = [
    ...data.placeNames,
    "label",
    "el2n",
    "grand",
    "forgetting",
    "predicted",
    "probability",
    "pruned copy",
  ];
  return {
    name: "scores.csv",
    describe: "GraNd, EL2N and forgetting of every example, and whether the pruned copy has it",
    bytes: csv(header, rows),
  };
}

/** The most probable first. */
function errorsFile(data: LabelledData, diet: Diet): OutputFile {
  const rows = Array.from(diet.errors, (example, place): Cell[] => [
    place + 1,
    ...data.placeOf(example),
    data.classes[data.examples.labels.data[example]],
    data.classes[diet.suggested[example]],
    diet.suggestedProbability[example],
    diet.labelProbability[example],
    diet.el2n[example],
  ]);
  const header = [
    "rank",
    ...data.placeNames,
    "label",
    "suggested",
    "probability of suggested",
    "probability of label",
    "el2n",
  ];
  return {
    name: "label-errors.csv",
    describe: "probable label errors, the most probable first, with the label to try instead",
    bytes: csv(header, rows),
  };
}

function prunedFiles({ source, classes, placeNames, placeOf, examples }: LabelledData, diet: Diet) {
  const { kept } = diet;
  switch (source.kind) {
    case "table":
      return [
        {
          name: "pruned.csv",
          describe: `the table with the ${kept.length} rows that are kept`,
          bytes: new TextEncoder().encode(toCsv(selectRows(source.table, kept))),
        },
      ];
    case "arrays": {
      const rows = examples.labels.size;
      const pruned = Object.entries(source.arrays).map(([name, values]) => [
        name,
        values.rank > 0 && values.shape[0] === rows ? gatherRows(values, kept) : values,
      ]);
      return [
        {
          name: "pruned.npz",
          describe: `the arrays with the ${kept.length} examples that are kept`,
          bytes: writeNpz(Object.fromEntries(pruned), { compress: true }),
        },
      ];
    }
    case "images": {
      const listed = Array.from(kept, (example): Cell[] => placeOf(example));
      const pictures = Array.from(kept, (example) => {
        const [folder, number] = placeOf(example);
        return {
          path: `${folder}/${String(number).padStart(5, "0")}.png`,
          bytes: pngOf(source.dataset.inputs, example),
        };
      });
      return [
        {
          name: "kept.csv",
          describe: `which pictures are kept, by their place among the names of their folder (${classes.length} folders)`,
          bytes: csv(placeNames, listed),
        },
        {
          name: "pruned.tar",
          describe: `the folders with the ${kept.length} pictures that are kept, as PNG`,
          bytes: tarArchive(pictures),
        },
      ];
    }
  }
}

/** An image [channels, height, width] with values from 0 to 1. */
function pngOf({ data, shape: [, channels, height, width] }: NDArray, image: number): Uint8Array {
  const pixels = height * width;
  const start = image * channels * pixels;
  const bytes = new Uint8Array(channels * pixels);
  for (let c = 0; c < channels; c++)
    for (let pixel = 0; pixel < pixels; pixel++)
      bytes[pixel * channels + c] = Math.round(255 * data[start + c * pixels + pixel]);
  return encodePng({ width, height, channels: channels as 1 | 3, data: bytes });
}
