import { mnistNet } from '@clearmaps/models';
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { makeBatch } from '../src/batches.ts';
import { evaluate, Trainer } from '../src/index.ts';
import { realDigits } from './digits.ts';

test('the MNIST net learns 32 real digits by heart', async () => {
  await setBackend('wasm');
  const data = await realDigits(32);
  const trainer = new Trainer(mnistNet({ seed: 1 }));
  const batch = makeBatch(
    trainer.net.graph,
    data,
    Array.from({ length: 32 }, (_, i) => i),
  );
  let correct = 0;
  for (let step = 0; step < 150 && correct < 32; step++) {
    ({ correct } = await trainer.fit(batch, 3e-3));
  }
  expect(correct).toBe(32);
  const graph = await trainer.toGraph();
  trainer.dispose();
  expect((await evaluate(graph, data)).accuracy).toBe(1);
});
