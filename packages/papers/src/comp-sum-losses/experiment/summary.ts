/** Tables and findings over all seeds. */
import { meanInterval } from "@etude/learn";
import { confidence } from "../../contract/bar.ts";
import type { Summary } from "../../contract/experiment.ts";
import type { DataTable } from "../../contract/figure.ts";
import type { Result } from "../experiment.ts";
import { atRate, chosenRate, type RateResult } from "./choice.ts";
import { mean, mostRobust, ofMethod, ofTau, testAtRate, testChosen } from "./claims.ts";
import { accuracyFigure, boundFigure, frontierFigure, gapFigure, normFigure } from "./figures.ts";
import type { Options } from "./options.ts";
import { methodName, type RobustResult, recipes } from "./robust.ts";

export function summarise(
  results: readonly Result[],
  _seeds: readonly number[],
  options: Options,
): Summary {
  return {
    tables: [
      choiceTable(results, options),
      robustTable(results, options),
      boundTable(results),
      lineTable(results),
    ],
    figures: [
      accuracyFigure(results, options),
      frontierFigure(results, options),
      normFigure(results, options),
      boundFigure(options),
      gapFigure(results),
    ],
    findings: [
      ...choiceFindings(results, options),
      ...comparison(results, options),
      ...collapse(results, options),
      ...beyondTheClaim(results),
    ],
  };
}

/** The interval for the mean over seeds in a cell; nothing for a single seed. */
function interval(values: readonly number[], digits = 3): string | null {
  if (values.length < 2 || !values.every(Number.isFinite)) return null;
  const [low, high] = meanInterval(values, confidence);
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
}

const intervalName = `${100 * confidence} % interval`;

const choiceTable = (results: readonly Result[], options: Options): DataTable => ({
  id: "choice",
  title: `Test accuracy on ${options.images} by loss`,
  caption: `Means over seeds. The learning rate is chosen on the validation part; "diverged" counts seeds at the common rate ${options.commonRate}, which then have the accuracy of the most frequent class; gradient norms are at that rate, over the steps until then.`,
  columns: [
    "tau",
    "rates chosen",
    "accuracy",
    intervalName,
    `at rate ${options.commonRate}`,
    "diverged",
    "median gradient norm",
    "largest gradient norm",
  ],
  rows: options.choiceTaus.map((tau) => {
    const common = results.flatMap(({ choice }) =>
      choice.flatMap((each) => (each.tau === tau ? [atRate(each, options.commonRate)] : [])),
    );
    const norms = common.flatMap((rate) => rate?.gradientNorm ?? []);
    const chosen = ofTau(results, tau, testChosen);
    const rates = results.flatMap(({ choice }) =>
      choice.flatMap((each) => (each.tau === tau ? [rateCell(chosenRate(each))] : [])),
    );
    return [
      tau,
      [...new Set(rates)].join(", "),
      mean(chosen),
      interval(chosen),
      mean(ofTau(results, tau, testAtRate(options.commonRate))),
      common.filter((rate) => rate?.diverged).length,
      norms.length === 0 ? null : mean(norms.map(({ median }) => median)),
      norms.length === 0 ? null : Math.max(...norms.map(({ largest }) => largest)),
    ];
  }),
});

const rateCell = ({ diverged, learningRate }: RateResult): string =>
  diverged ? "all diverged" : String(learningRate);

const robustTable = (results: readonly Result[], options: Options): DataTable => ({
  id: "robust",
  title: `Clean and robust accuracy on ${options.robustImages}, linf ${options.radius.toPrecision(3)}`,
  caption: `Means over seeds; robust is what ${options.restarts} restarts each of PGD-${options.testSteps} on ${options.testAttacks.join(", ")} leave. The number is beta of TRADES and nu of ADV-COMP-SUM at rho = 1; "raised": over the first half, at half of the learning rate.`,
  columns: ["training", "clean", intervalName, "robust", intervalName, "collapsed"],
  rows: recipes(options).map(({ family, weight }) => {
    const of = ofMethod(results, family, weight);
    const [clean, robust] = [of.map((each) => each.clean), of.map((each) => each.robust)];
    return [
      methodName({ family, weight }),
      mean(clean),
      interval(clean),
      mean(robust),
      interval(robust),
      of.filter(({ collapsed, diverged }) => collapsed || diverged).length,
    ];
  }),
});

const boundTable = (results: readonly Result[]): DataTable => ({
  id: "bounds",
  title: "The bounds on random distributions and scores",
  caption:
    "Over all seeds. The ratio is of the excess loss and T of the excess zero-one loss, at its smallest; for two classes of equal scores, and others that are impossible, at its largest.",
  columns: [
    "classes",
    "tau",
    "wrong classes",
    "violations",
    "smallest ratio",
    "ratio at equal scores",
    "error of the optimum",
  ],
  rows: results[0].searched.map(({ classes, tau }, i) => [
    classes,
    tau,
    results.reduce((sum, { searched }) => sum + searched[i].wrong, 0),
    results.reduce((sum, { searched }) => sum + searched[i].violations, 0),
    Math.min(...results.map(({ searched }) => searched[i].smallestRatio)),
    results[0].tightness[i].ratio,
    Math.max(...results.map(({ optima }) => optima[i].error)),
  ]),
});

const lineTable = (results: readonly Result[]): DataTable => ({
  id: "line",
  title: "Both sides of the bound for a linear model in training",
  caption:
    "Means over seeds, each a distribution of its own on eight points of a line, three classes. Above tau = 1 the best risk, and with it the gap, is the best found.",
  columns: [
    "tau",
    "excess zero-one error",
    "bound on it",
    "best risk",
    "minimizability gap",
    "its upper bound",
  ],
  rows: results[0].line.map(({ tau }, i) => [
    tau,
    ...(["excess01", "bound", "best", "gap", "gapBound"] as const).map((name) =>
      mean(results.map(({ line }) => line[i][name])),
    ),
  ]),
});

const points = (value: number): string => (100 * value).toFixed(1);

function choiceFindings(results: readonly Result[], options: Options): string[] {
  const { choiceTaus, commonRate, images } = options;
  const list = (measure: typeof testChosen): string =>
    choiceTaus.map((tau) => `${tau}: ${points(mean(ofTau(results, tau, measure)))} %`).join(", ");
  return [
    `${images}, learning rate chosen for each tau: ${list(testChosen)}. At the common rate ${commonRate}: ${list(testAtRate(commonRate))}.`,
  ];
}

/** The paper's headline, whichever way it went. */
function comparison(results: readonly Result[], { nus, betas, robustImages }: Options): string[] {
  const best = (family: "ADV-COMP-SUM" | "TRADES", weights: readonly number[]) => {
    const weight = mostRobust(results, family, weights);
    const of = ofMethod(results, family, weight);
    const average = (name: "clean" | "robust") => mean(of.map((each) => each[name]));
    return { weight, clean: average("clean"), robust: average("robust") };
  };
  const [smooth, trades] = [best("ADV-COMP-SUM", nus), best("TRADES", betas)];
  const wins = (["clean", "robust"] as const).filter((name) => smooth[name] > trades[name]);
  const verdict =
    wins.length === 2
      ? "ahead of TRADES in both accuracies, as the paper reports"
      : wins.length === 1
        ? `ahead of TRADES in ${wins[0]} accuracy only; the paper reports both`
        : "behind TRADES in both accuracies, where the paper reports it ahead in both";
  return [
    `${robustImages}: the most robust ADV-COMP-SUM (nu ${smooth.weight}) has ${points(smooth.clean)} % clean and ${points(smooth.robust)} % robust accuracy, the most robust TRADES (beta ${trades.weight}) ${points(trades.clean)} % and ${points(trades.robust)} %: ${verdict}.`,
  ];
}

function collapse(results: readonly Result[], options: Options): string[] {
  const fallen = recipes(options).flatMap(({ family, weight }) => {
    const of = ofMethod(results, family, weight);
    const count = of.filter(
      ({ collapsed, diverged }: RobustResult) => collapsed || diverged,
    ).length;
    return count === 0 ? [] : [`${methodName({ family, weight })} in ${count} of ${of.length}`];
  });
  if (fallen.length === 0) return ["No adversarial training collapsed to one class."];
  return [
    `Seeds in which training collapsed, so that every example gets the same class: ${fallen.join("; ")}.`,
  ];
}

function beyondTheClaim(results: readonly Result[]): string[] {
  const loose = results[0].tightness.filter(({ claimed, ratio }) => !claimed && ratio > 1.001);
  if (loose.length === 0) return [];
  const worst = loose.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return [
    `Outside of what is claimed to be tight, equal scores of two classes are up to ${worst.ratio.toFixed(1)} times above the bound (tau ${worst.tau}, ${worst.classes} classes).`,
  ];
}
