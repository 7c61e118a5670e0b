import type { PaperCard } from "./card.ts";

export const card: PaperCard = {
  slug: "excelformer",
  title: "ExcelFormer: Can a DNN be a Sure Bet for Tabular Prediction?",
  authors: ["Jintai Chen", "Jiahuan Yan", "Qiyuan Chen", "Danny Z. Chen", "Jian Wu", "Jimeng Sun"],
  year: 2024,
  venue: "KDD",
  arxiv: "2301.02819",
  code: "https://github.com/WhatAShot/ExcelFormer",
  summary:
    "A transformer for tables in which a feature may attend only to features at least as informative about the target, with two ways of mixing rows as augmentation and gated feed-forward layers. Good for classification and regression on tables when neither the kind of model nor its settings should need a search.",
  claim:
    "With default settings it is comparable with tuned tree ensembles and networks, and once tuned it has the best average rank.",
  topics: ["tabular", "training-data"],
  uses: "Takes a table with numeric and categorical columns and a target, and gives the fitted model as ONNX, predictions, the columns ordered by information, and scores beside boosted trees and a dense network.",
  verifies:
    "Friedman data with noise columns, straight and rotated, and small real tables: ablations of attention, initialisation and mixing beside boosted trees and a dense network, on 5 seeds.",
};
