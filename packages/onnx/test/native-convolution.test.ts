import { GraphError } from '@clearmaps/deconvnet/graph';
import { expect, it } from 'vitest';
import { smallNet } from '../../deconvnet/test/small-nets.ts';
import { createNativeConvolution } from '../src/index.ts';

it('one convolution runs alone, on as many images as the sweep has classes at a time', async () => {
  const convolution = await createNativeConvolution(smallNet({ classes: 4 }), 'conv_2');
  expect(convolution.images).toBe(4);
  await convolution.run();
  await convolution.dispose();
  await expect(convolution.run()).rejects.toThrow();
});

it.each([
  ['relu_1', 'relu'],
  ['conv_9', 'undefined'],
])('layer "%s" is refused', async (layer, type) => {
  const error = await createNativeConvolution(smallNet(), layer).catch((caught) => caught);
  expect(error).toBeInstanceOf(GraphError);
  expect(error.message).toContain(`got layer "${layer}" (${type})`);
});
