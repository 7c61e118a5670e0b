/** Numbers that change over the steps of a run, as series to draw. */
import type { Figure, RunEvent } from "@etude/papers";

export interface MetricSeries {
  readonly name: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** Steps a second since the series began; undefined before there are two moments. */
  readonly rate: number | undefined;
  /** When it began, in seconds of the run's clock. */
  readonly began: number;
  readonly firstStep: number;
}

type MetricEvent = Extract<RunEvent, { type: "metric" }>;

/** More points than this are halved: a line of a few hundred pixels shows no more. */
const mostPoints = 600;

/**
 * The series with another point, the one that grew last at the end. A step that is not beyond the
 * last one begins the series anew, as a second training of the same name does.
 */
export function withPoint(
  all: readonly MetricSeries[],
  { name, step, value }: MetricEvent,
  seconds: number,
): MetricSeries[] {
  const earlier = all.find((series) => series.name === name);
  const others = all.filter((series) => series.name !== name);
  const last = earlier?.steps.at(-1);
  if (earlier === undefined || last === undefined || step <= last) {
    const fresh = { name, steps: [step], values: [value], rate: undefined };
    return [...others, { ...fresh, began: seconds, firstStep: step }];
  }
  const steps = [...earlier.steps, step];
  const values = [...earlier.values, value];
  const spent = seconds - earlier.began;
  const isLong = steps.length > mostPoints;
  const even = <T>(_: T, place: number): boolean => place % 2 === 0;
  return [
    ...others,
    {
      ...earlier,
      steps: isLong ? steps.filter(even) : steps,
      values: isLong ? values.filter(even) : values,
      rate: spent > 0.2 ? (step - earlier.firstStep) / spent : undefined,
    },
  ];
}

/** A series as a figure, which the drawing functions of reports draw. */
export const metricFigure = ({ name, steps, values }: MetricSeries): Figure => ({
  id: `metric-${name.replace(/\W+/g, "-")}`,
  title: name,
  x: { label: "step" },
  y: { label: "" },
  marks: [{ type: "line", x: steps, y: values }],
});
