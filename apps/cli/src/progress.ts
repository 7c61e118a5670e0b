/**
 * Tells on the standard error how a run is getting on: a bar that is drawn over on a screen, a line
 * every few seconds elsewhere, one JSON document an event for programs, or nothing.
 */
import type { RunEvent } from "@etude/papers";
import { type Pace, paceOf } from "@etude/papers/pace";
import { formatDuration, formatNumber } from "@etude/papers/report/numbers";
import { oneLine, shorten } from "@etude/papers/report/text";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  show(event: RunEvent): void;
  /** Puts the screen in order; nothing is shown after it. */
  stop(): void;
}

export type ProgressStyle = "bar" | "lines" | "events" | "none";

/** Seconds between two lines where nothing can be drawn over. */
const between = 5;

export async function showProgress(
  terminal: Terminal,
  style: ProgressStyle,
  now: () => number = () => performance.now() / 1000,
): Promise<Progress> {
  switch (style) {
    case "none":
      return { show: () => {}, stop: () => {} };
    case "events":
      return { show: (event) => terminal.err(JSON.stringify(event)), stop: () => {} };
    case "lines":
      return progressLines(terminal, now);
    case "bar":
      return progressBar(terminal, now);
  }
}

/** The newest of everything, from which a line is made. */
interface State {
  fraction: number;
  label: string;
  /** The newest value of each metric, the last one last, and how many steps a second are made. */
  readonly metrics: Map<string, Metric>;
  readonly pace: Pace;
  readonly began: number;
}

interface Metric {
  readonly value: number;
  readonly rate: number | undefined;
  readonly seconds: number;
}

function trackerOf(now: () => number) {
  const state: State = { fraction: 0, label: "", metrics: new Map(), pace: paceOf(), began: now() };
  const firsts = new Map<string, { step: number; seconds: number }>();
  const note = (event: RunEvent): void => {
    if (event.type === "progress") {
      state.fraction = event.total > 0 ? Math.min(1, event.done / event.total) : 0;
      state.label = oneLine(event.label);
      state.pace.note(state.fraction, now());
    } else if (event.type === "metric") {
      const seconds = now();
      const first = firsts.get(event.name);
      // A training that begins anew counts from there.
      if (first === undefined || event.step < first.step)
        firsts.set(event.name, { step: event.step, seconds });
      const rate =
        first !== undefined && event.step > first.step && seconds > first.seconds
          ? (event.step - first.step) / (seconds - first.seconds)
          : undefined;
      state.metrics.delete(event.name);
      state.metrics.set(event.name, { value: event.value, rate, seconds });
    }
  };
  return { state, note };
}

const mostMetrics = 3;
/** Seconds after which a metric is not one of what is done now. */
const fresh = 20;

/** "loss 0.312, accuracy 0.97, 410 steps/s" */
function metricsOf({ metrics }: State, now: number): string {
  const newest = [...metrics]
    .slice(-mostMetrics)
    .filter(([, { seconds }]) => now - seconds < fresh);
  const rates = newest.map(([, { rate }]) => rate ?? 0);
  const rate = Math.max(0, ...rates);
  return [
    ...newest.map(([name, { value }]) => `${name} ${formatNumber(value, 3)}`),
    ...(rate > 0 ? [`${formatNumber(rate, 2)} steps/s`] : []),
  ].join(", ");
}

function timesOf({ pace, began }: State, seconds: number): string {
  const left = pace.remaining(seconds);
  return left === undefined
    ? `${formatDuration(Math.round(seconds - began))} so far`
    : `${formatDuration(Math.round(left))} left`;
}

const percent = (fraction: number): string => `${Math.floor(fraction * 100)} %`.padStart(5);

function progressLines(terminal: Terminal, now: () => number): Progress {
  const { state, note } = trackerOf(now);
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(event) {
      note(event);
      if (event.type === "log") terminal.err(oneLine(event.message));
      const seconds = now();
      if (event.type !== "progress" || seconds - last < between) return;
      last = seconds;
      const parts = [state.label, timesOf(state, seconds), metricsOf(state, seconds)];
      terminal.err(`${percent(state.fraction)}  ${parts.filter((part) => part !== "").join("  ")}`);
    },
    stop: () => {},
  };
}

async function progressBar(terminal: Terminal, now: () => number): Promise<Progress> {
  const { default: bars } = await import("cli-progress");
  const { state, note } = trackerOf(now);
  const line = (): string => {
    const done = Math.round(state.fraction * barLength);
    const bar = "█".repeat(done) + "░".repeat(barLength - done);
    const parts = [timesOf(state, now()), state.label, metricsOf(state, now())];
    return shorten(
      `${percent(state.fraction)} ${bar}  ${parts.filter((part) => part !== "").join("  ")}`,
      terminal.columns - 1,
    );
  };
  const screen = new bars.MultiBar({
    stream: terminal.errorStream as NodeJS.WriteStream,
    format: line,
    hideCursor: true,
    clearOnComplete: true,
    autopadding: false,
    forceRedraw: true,
    fps: 5,
    // Ctrl-C is answered in one place: see interrupt.ts.
    gracefulExit: false,
  });
  const bar = screen.create(1, 0);
  return {
    show(event) {
      note(event);
      if (event.type === "log") screen.log(`${oneLine(event.message)}\n`);
      bar.update(state.fraction);
    },
    stop: () => screen.stop(),
  };
}

const barLength = 24;
