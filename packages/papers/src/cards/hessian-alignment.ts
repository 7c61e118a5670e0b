import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "hessian-alignment",
  title: "Understanding Hessian Alignment for Domain Generalization",
  authors: ["Sobhan Hemati", "Guojun Zhang", "Amir Estiri", "Xi Chen"],
  year: 2023,
  venue: "ICCV",
  arxiv: "2308.11778",
  code: "https://github.com/huawei-noah/Federated-Learning",
  summary:
    "When training data come from several domains, a penalty makes the gradient and the Hessian of the classifier's last layer agree across them, by Hessian-gradient products or by Hutchinson's estimate. Good for models that will meet a hospital, camera or site that was not in the training data.",
  claim:
    "The distance between the Hessians of two domains bounds how badly a classifier transfers, and making them agree matches or beats earlier penalties on unseen domains.",
  topics: ["robustness", "learning-theory"],
  uses: "Takes a table or image folder with a domain column, and gives a model trained with the chosen penalty as ONNX, leave-one-domain-out accuracy beside plain training, and the distance of the Hessians for each pair of domains.",
  verifies:
    "Colored MNIST: plain risk minimisation and gradient alignment alone against Hessian-gradient products and Hutchinson's estimate, by accuracy when the colour rule is reversed and by distance of the Hessians, on 3 seeds.",
};
