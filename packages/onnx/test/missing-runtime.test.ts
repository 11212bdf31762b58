import { expect, it, vi } from 'vitest';
import { smallNet } from '../../deconvnet/test/small-nets.ts';
import { compileOnnx, createNativeExplainer, MissingRuntimeError } from '../src/index.ts';

vi.mock('onnxruntime-node', () => {
  throw new Error('Cannot find package');
});

it('the engine says what to install where onnxruntime-node is missing', async () => {
  const error = await createNativeExplainer(smallNet()).catch((caught) => caught);
  expect(error).toBeInstanceOf(MissingRuntimeError);
  expect(error.message).toBe(
    `the native engine: got no onnxruntime-node that runs on ${process.platform}-${process.arch}. ` +
      'Install it with `npm i onnxruntime-node`, or choose another backend.',
  );
  expect(error.cause).toBeInstanceOf(Error);
});

it('a wrong graph is reported first', async () => {
  await expect(createNativeExplainer({ ...smallNet(), layers: [] })).rejects.toThrow('layers: got none');
});

it('the compiler needs no runtime', () => {
  expect(compileOnnx(smallNet()).bytes.length).toBeGreaterThan(1000);
});
