import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "optimistic-mirror-descent",
  title:
    "Optimistic Online Mirror Descent for Bridging Stochastic and Adversarial Online Convex Optimization",
  authors: ["Sijia Chen", "Yu-Jie Zhang", "Wei-Wei Tu", "Peng Zhao", "Lijun Zhang"],
  year: 2023,
  venue: "ICML",
  arxiv: "2302.04552",
  summary:
    "An online learner guesses that the next gradient equals the last one, so that its regret is small when noise is small and the source drifts slowly, without being told which world it is in. Good for streaming regression, forecasting and expert advice on data between random and adversarial.",
  claim:
    "One method, with step sizes suited to the curvature, has regret bounds that join the stochastic and the adversarial world for convex, strongly convex and exp-concave losses and for changing comparators.",
  topics: ["optimisation", "learning-theory"],
  uses: "Takes a table read in row or time order, predicts each row before it sees the target, and gives the predictions, the regret beside its bound, and a comparison with online gradient descent and AdaGrad.",
  verifies:
    "Simulated streams with known noise and drift (convex, strongly convex, exp-concave and switching) beside online gradient descent on up to 5 seeds, and a real table in three orders.",
};
