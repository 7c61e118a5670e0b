/** The closed list of topics, so that a filter is a choice and not a guess. */

const labels = {
  "bilevel-optimisation": "Bilevel optimisation",
  diffusion: "Diffusion models",
  efficiency: "Efficiency and compression",
  explanations: "Explanations and interpretability",
  "generative-models": "Generative models",
  "inverse-problems": "Inverse problems and solvers",
  "learning-rates": "Learning rates and batch sizes",
  "learning-theory": "Learning theory",
  optimisation: "Optimisation",
  "reinforcement-learning": "Reinforcement learning",
  representations: "Representations and transfer",
  robustness: "Robustness and domain shift",
  tabular: "Tables",
  "training-data": "Training data: selection, noise, synthesis",
  "training-dynamics": "Training dynamics",
  "wide-networks": "Wide networks and kernels",
} as const;

export type Topic = keyof typeof labels;

/** Every topic with its label for people, in alphabetical order of the topics. */
export const topics: Readonly<Record<Topic, string>> = labels;

export function isTopic(word: string): word is Topic {
  return Object.hasOwn(labels, word);
}
