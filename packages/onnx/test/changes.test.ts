import { changeCases } from '../../deconvnet/test/change-cases.ts';
import { createNativeExplainer } from '../src/index.ts';

changeCases(
  (graph) => createNativeExplainer(graph, { threads: 1 }),
  Array.from({ length: 60 }, (_, i) => i),
);
