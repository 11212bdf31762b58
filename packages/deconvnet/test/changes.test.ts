import { createExplainer } from '../src/index.ts';
import { leaksNothing, onEachBackend } from './backends.ts';
import { changeCases } from './change-cases.ts';

const seeds = Array.from({ length: 40 }, (_, i) => i);

onEachBackend((backend) => {
  leaksNothing();
  changeCases(createExplainer, backend === 'webgpu' ? seeds.slice(0, 2) : seeds);
});
