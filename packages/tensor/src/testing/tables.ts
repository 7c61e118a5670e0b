/** The cases that get every check, family by family. */
import type { Case } from "./cases.ts";
import { convCase, convTransposeCase, patchCases, poolCases } from "./convolution-cases.ts";
import { broadcastCases, unaryCases } from "./elementwise-cases.ts";
import {
  alongAxisCases,
  gatherCases,
  indexTypeCases,
  iotaCase,
  oneHotCase,
  orderingCases,
} from "./indexing-cases.ts";
import * as of from "./layout-cases.ts";
import {
  addedProductCases,
  einsumCase,
  matmulCase,
  transposedProductCases,
  triangleCases,
  vectorCases,
} from "./matrix-cases.ts";
import { axisCases, flatArgCases, layerNormCases, reductionCases } from "./reduce-cases.ts";

export const elementwise: readonly Case[] = [...unaryCases([3, 4]), ...broadcastCases([3, 4], [4])];

export const reductions: readonly Case[] = [
  ...reductionCases([3, 4], undefined),
  ...reductionCases([3, 4], 0),
  ...reductionCases([3, 4, 2], [0, -1], true),
  ...axisCases([3, 4], -1),
  ...axisCases([3, 4], 0),
  ...flatArgCases([3, 4]),
  ...layerNormCases([3, 5], -1),
  ...layerNormCases([2, 3, 4], 1),
];

export const products: readonly Case[] = [
  matmulCase([3, 4], [4, 5]),
  matmulCase([4], [4, 3]),
  matmulCase([3, 4], [4]),
  matmulCase([4], [4]),
  matmulCase([2, 3, 4], [4, 5]),
  matmulCase([3, 4], [2, 4, 5]),
  matmulCase([2, 3, 4], [2, 4, 3]),
  matmulCase([2, 1, 3, 4], [3, 4, 2]),
  matmulCase([2, 3, 4], [4]),
  matmulCase([4], [2, 4, 3]),
  ...transposedProductCases(3, 4, 5),
  ...addedProductCases(),
  ...vectorCases(3, 4),
];

export const triangles: readonly Case[] = [...triangleCases([3, 4]), ...triangleCases([2, 4, 3])];

export const einsums: readonly Case[] = [
  einsumCase("ij,jk->ik", [3, 4], [4, 2]),
  einsumCase("ij,jk", [3, 4], [4, 2]),
  einsumCase("bij,bjk->bik", [2, 3, 4], [2, 4, 3]),
  einsumCase("ii->i", [3, 3]),
  einsumCase("ii", [3, 3]),
  einsumCase("ij->", [3, 4]),
  einsumCase("ij->ji", [3, 4]),
  einsumCase("i,j->ij", [3], [4]),
  einsumCase("bhqd,bhkd->bhqk", [2, 2, 3, 4], [2, 2, 5, 4]),
  einsumCase("ij,j->ji", [3, 4], [4]),
  einsumCase("iji->j", [3, 2, 3]),
  einsumCase("ab,bc,cd->ad", [2, 3], [3, 4], [4, 2]),
  einsumCase("a,ab->b", [3], [3, 4]),
  einsumCase("ab,cd->bd", [3, 2], [2, 3]),
  einsumCase("i,i,i->i", [4], [4], [4]),
  einsumCase(",i->i", [], [3]),
];

export const layouts: readonly Case[] = [
  of.transposeCase([3, 4]),
  of.transposeCase([2, 3, 4], [1, -1, 0]),
  of.swapAxesCase([2, 3, 4], 0, -1),
  of.moveAxisCase([2, 3, 4], 0, -1),
  of.moveAxisCase([2, 3, 4], 2, 0),
  of.reshapeCase([3, 4], [2, -1], [2, 6]),
  of.reshapeCase([3, 4], [12], [12]),
  of.reshapeCase([], [1, 1], [1, 1]),
  of.expandDimsCase([3, 4], [0, -1], [1, 3, 4, 1]),
  of.expandDimsCase([3, 4], 1, [3, 1, 4]),
  of.squeezeCase([1, 3, 1, 4], undefined, [3, 4]),
  of.squeezeCase([1, 3, 1], -1, [1, 3]),
  of.broadcastToCase([4], [3, 4]),
  of.broadcastToCase([3, 1], [2, 3, 4]),
  of.broadcastToCase([], [2, 3]),
  of.sliceCase([4, 5], [1, 3]),
  of.sliceCase([4, 5], 2),
  of.sliceCase([4, 5], null, -1),
  of.sliceCase([4, 5], [0, null, 2], [-4, -1, 2]),
  of.sliceCase([3, 7], null, [1, 6, 3]),
  of.sliceCase([3, 4], [2, 1]),
  of.padCase(
    [3, 4],
    [
      [1, 2],
      [0, 3],
    ],
  ),
  of.padCase(
    [3, 4],
    [
      [1, 0],
      [-1, 2],
    ],
    { value: 1 },
  ),
  of.padCase(
    [3, 4],
    [
      [-1, 0],
      [-1, -2],
    ],
  ),
  of.padCase(
    [3, 4],
    [
      [2, 1],
      [1, 0],
    ],
    { mode: "edge" },
  ),
  of.padCase(
    [3, 4],
    [
      [2, 1],
      [1, 3],
    ],
    { mode: "reflect" },
  ),
  of.concatCase(
    [
      [2, 3],
      [1, 3],
      [2, 3],
    ],
    0,
  ),
  of.concatCase(
    [
      [2, 3],
      [2, 1],
    ],
    -1,
  ),
  of.concatCase([[2, 3]], 0),
  of.stackCase([2, 3], 3, 1),
  of.stackCase([2, 3], 2, -1),
  of.splitCase([3, 4], 2, 1),
  of.splitCase([5, 2], [1, 3, 1], 0),
  of.unstackCase([3, 2], 0),
  of.unstackCase([3, 2], -1),
  of.flipCase([3, 4]),
  of.flipCase([3, 4], 0),
  of.flipCase([2, 3, 4], [0, -1]),
  of.rollCase([5, 2], 2, 0),
  of.rollCase([3, 4], -7, -1),
  of.tileCase([2, 3], [2, 2]),
  of.tileCase([3], [2, 2]),
  of.tileCase([2, 3], [3]),
  of.repeatCase([2, 3], 3, 0),
  of.repeatCase([2, 3], 2, -1),
];

export const choices: readonly Case[] = [
  ...gatherCases([4, 3], [5], 0),
  ...gatherCases([4, 3], [2, 2], 1),
  ...gatherCases([2, 5, 3], [4], 1),
  ...gatherCases([5], [], 0),
  ...gatherCases([2, 5, 3], [2, 3], -2),
  ...alongAxisCases([3, 4], 2, 1),
  ...alongAxisCases([3, 4], 5, 0),
  oneHotCase([3], 4, -1),
  oneHotCase([2, 3], 4, 0),
  oneHotCase([2, 3], 4, 1),
  oneHotCase([], 3, 0),
  iotaCase(5),
  iotaCase(0),
  ...indexTypeCases,
  ...orderingCases([3, 5], -1),
  ...orderingCases([4, 2], 0),
];

export const convolutions: readonly Case[] = [
  convCase([2, 3, 6], [4, 3, 3]),
  convCase([1, 2, 7], [2, 2, 3], { stride: 2, padding: "same", dilation: 2 }),
  convCase([1, 2, 5], [4, 1, 2], { groups: 2, padding: [[2, 1]] }),
  convCase([1, 2, 4], [2, 2, 3], { inputDilation: 3, padding: 1 }),
  convCase([1, 1, 6], [1, 1, 2], { padding: [[-1, 2]] }),
  convCase([1, 2, 4, 5], [3, 2, 2, 3], { padding: "same" }),
  convCase([1, 2, 5, 4], [2, 1, 3, 2], {
    stride: [2, 1],
    padding: [[1, 0], 1],
    dilation: [1, 2],
    groups: 2,
  }),
  convCase([2, 2, 3, 3], [3, 2, 1, 1]),
  convTransposeCase([1, 2, 4], [2, 3, 3]),
  convTransposeCase([1, 2, 3], [2, 2, 3], { stride: 2, padding: 1, outputPadding: 1 }),
  convTransposeCase([1, 4, 3], [4, 1, 2], { stride: 3, groups: 2, dilation: 2, padding: [[0, 1]] }),
  convTransposeCase([1, 2, 3, 2], [2, 2, 2, 3], { stride: [2, 1], padding: [0, 1] }),
];

export const pools: readonly Case[] = [
  ...poolCases([2, 2, 6], 2),
  ...poolCases([1, 2, 7], 3, { stride: 2, padding: 1 }),
  ...poolCases([1, 2, 4, 5], 2),
  ...poolCases([1, 2, 5, 4], [3, 2], { stride: [1, 2], padding: "same" }),
  ...poolCases([1, 1, 5, 5], 3, { stride: 1, padding: [[1, 0], 1] }),
  ...patchCases([1, 2, 6], 3),
  ...patchCases([1, 2, 7], 2, { stride: 2, padding: 1, dilation: 3 }),
  ...patchCases([1, 2, 4, 5], [2, 3], { padding: "same" }),
  ...patchCases([2, 1, 5, 4], 2, { stride: [2, 1], padding: [[1, 0], 0] }),
];
