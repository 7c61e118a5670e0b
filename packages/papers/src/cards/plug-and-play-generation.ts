import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "plug-and-play-generation",
  title:
    "Plug & Play Generative Networks: Conditional Iterative Generation of Images in Latent Space",
  authors: ["Anh Nguyen", "Jeff Clune", "Yoshua Bengio", "Alexey Dosovitskiy", "Jason Yosinski"],
  year: 2017,
  venue: "CVPR",
  arxiv: "1612.00005",
  code: "https://github.com/Evolving-AI-Lab/ppgn",
  summary:
    "A generator trained once draws what a replaceable network asks for: a sampler climbs the log-probability of the condition and a learned prior of the code, with a little noise. Good for images of a class, for filling holes, and for seeing what a hidden unit responds to, without retraining the generator.",
  claim:
    "A learned prior on the code makes samples both better and more diverse than activation maximisation, and the network that sets the condition can be exchanged while the generator stays as it is.",
  topics: ["generative-models", "explanations", "inverse-problems"],
  uses: "Takes a folder of images and, if you have one, a classifier as ONNX, and gives the trained generator, then images of a class, filled holes, or what maximises a unit of the network.",
  verifies:
    "MNIST with an independent judge: activation maximisation in pixels and in codes against three priors, by accuracy, Fréchet distance, diversity and realism, an exchanged condition network, and inpainting, on 3 seeds.",
};
