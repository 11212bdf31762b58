import { describe } from 'vitest';
import { changeCases } from '../../deconvnet/test/change-cases.ts';
import { createNativeExplainer } from '../src/index.ts';

const graphs = (count: number) => Array.from({ length: count }, (_, i) => i);

changeCases((graph) => createNativeExplainer(graph, { threads: 1 }), graphs(60));

describe('beside a forward pass in float64', () =>
  changeCases((graph) => createNativeExplainer(graph, { threads: 1, forward: 'float64' }), graphs(6)));
