import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExplainer, MissingKernelError } from '../src/index.ts';
import { BACKENDS } from './backends.ts';
import { smallNet } from './small-nets.ts';

describe('without a backend that is ready', () => {
  const factories = new Map(BACKENDS.map((name) => [name, tf.findBackendFactory(name)]));

  beforeAll(() => {
    for (const name of BACKENDS) tf.removeBackend(name);
  });
  afterAll(() => {
    for (const [name, factory] of factories) tf.registerBackend(name, factory);
  });

  const refused = (): MissingKernelError => {
    try {
      createExplainer(smallNet());
    } catch (error) {
      return error as MissingKernelError;
    }
    throw new Error('an explainer without a backend');
  };

  it('an explainer says which import is missing', () => {
    const error = refused();
    expect(error).toBeInstanceOf(MissingKernelError);
    expect(error.message).toMatch(
      /explainer for "small": got no TensorFlow.js backend that is ready\. Import one/,
    );
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('a wrong graph is reported first', () => {
    expect(() => createExplainer({ ...smallNet(), layers: [] })).toThrow('layers: got none');
  });

  it('tfjs picks one where one starts at once', () => {
    tf.registerBackend('cpu', factories.get('cpu')!);
    createExplainer(smallNet()).dispose();
    expect(tf.getBackend()).toBe('cpu');
    tf.removeBackend('cpu');
  });

  it('an explainer says to wait for one that starts slowly', () => {
    tf.registerBackend('wasm', factories.get('wasm')!);
    expect(refused().message).toMatch(/await tf\.setBackend/);
  });
});
