/** What the recurrent encoder showed. */
import { meanInterval, meanOf } from "@etude/learn";
import type { DataTable, Figure } from "../../contract/figure.ts";
import type { Result } from "../experiment.ts";
import type { Options } from "./options.ts";
import type { PixelMethodName } from "./pixelStudy.ts";
import { pixelAccuracy, pixelAt, pixelBaselines, pixelRate, runsOfGain } from "./readings.ts";
import { bestOf } from "./selection.ts";

/** Methods that were run, with all seeds. */
const ran = (results: readonly Result[], { pixelMethods }: Options): PixelMethodName[] =>
  pixelMethods.filter((name) => results.every(({ pixels }) => pixels[name] !== undefined));

const spread = (values: readonly number[]): string => {
  const mean = meanOf(values);
  if (values.length < 2 || !Number.isFinite(mean)) return mean.toPrecision(3);
  const [low, high] = meanInterval(values, 0.9);
  return `${mean.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`;
};

export function pixelTable(results: readonly Result[], options: Options): DataTable[] {
  const methods = ran(results, options);
  if (options.gains.length === 0 || methods.length === 0) return [];
  return [
    {
      id: "pixels",
      title: `Digits pixel by pixel, ${options.calls} oracle calls`,
      caption:
        "The least validation loss on the way and the test accuracy there, means over seeds with 90 % intervals, at the best rate.",
      columns: ["gain", "method", "rate", "outer steps", "validation loss", "test accuracy"],
      rows: options.gains.flatMap((gain) =>
        methods.map((method) => {
          const { candidate, scores } = pixelAt(results, method, gain, options);
          return [
            gain,
            method,
            pixelRate(gain, candidate, options),
            results[0].pixels[method]?.steps ?? null,
            spread(scores),
            spread(pixelAccuracy(results, method, gain, options)),
          ];
        }),
      ),
    },
  ];
}

export function pixelFigures(results: readonly Result[], options: Options): Figure[] {
  const methods = ran(results, options);
  if (methods.length === 0) return [];
  return options.gains.map((gain) => ({
    id: `pixels-${gain}`,
    title: `Digits pixel by pixel, recurrent weights of gain ${gain}`,
    caption: "Means over seeds, at the best rate of each method.",
    x: { label: "oracle calls" },
    y: { label: "validation loss" },
    marks: methods.map((method) => {
      const { candidate } = pixelAt(results, method, gain, options);
      const run = runsOfGain(gain, options)[candidate];
      const curves = results.map(({ pixels }) => pixels[method]);
      return {
        type: "line" as const,
        series: method,
        x: curves[0]?.calls ?? [],
        y: (curves[0]?.calls ?? []).map((_, i) =>
          meanOf(curves.map((curve) => curve?.loss[i]?.[run] ?? Number.NaN)),
        ),
      };
    }),
  }));
}

export function pixelFindings(results: readonly Result[], options: Options): string[] {
  const methods = ran(results, options);
  const baselines = methods.filter((name) => pixelBaselines.includes(name));
  if (!methods.includes("BO-REP") || baselines.length === 0) return [];
  const compared = options.gains.map((gain) => {
    const own = pixelAt(results, "BO-REP", gain, options).mean;
    const other = bestOf(baselines, (method) => pixelAt(results, method, gain, options));
    return `${(own / other.mean).toFixed(2)} times that of ${other.method} at gain ${gain}`;
  });
  return [
    `Digits pixel by pixel: the least validation loss of BO-REP is ${compared.join(", ")}. Below 1 BO-REP is ahead.`,
  ];
}
