import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError, mnistNet } from '../src/index.ts';
import {
  BUNDLED_MODELS,
  bundledModelFolder,
  readBundledModel,
  readLayersModel,
  readModelMetadata,
  writeLayersModel,
} from '../src/node.ts';
import { randomDag } from './random-graphs.ts';

const GRAPH = randomDag(3);
let dir = '';
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'clearmaps-model-')), 'deep', 'net');
  await writeLayersModel(GRAPH, dir, { metadata: { accuracy: 0.9 } });
});
afterEach(() => rm(join(dir, '..', '..'), { recursive: true, force: true }));

type ModelJson = { weightsManifest: { paths: string[]; weights: unknown[] }[] };

async function editJson(edit: (json: ModelJson) => void): Promise<void> {
  const file = join(dir, 'model.json');
  const json = JSON.parse(await readFile(file, 'utf8'));
  edit(json);
  await writeFile(file, JSON.stringify(json));
}

const failureOf = async (reading: Promise<unknown>): Promise<Error> => {
  const failure = await reading.then(
    () => new Error('it was read'),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ModelFileError);
  return failure as Error;
};

describe('a model folder', () => {
  it('reads back from its own path and from that of its model.json', async () => {
    expect(await readLayersModel(dir)).toEqual(GRAPH);
    expect(await readLayersModel(join(dir, 'model.json'))).toEqual(GRAPH);
  });

  it('holds two files and no leftovers, also after it has been written over', async () => {
    const other = mnistNet({ inputShape: [4, 4, 1] });
    expect(await writeLayersModel(other, dir)).toBe(join(dir, 'model.json'));
    expect((await readdir(dir)).sort()).toEqual(['model.json', 'weights.bin']);
    expect(await readLayersModel(dir)).toEqual(other);
  });

  it('has the fields of a tfjs model.json', async () => {
    const json = JSON.parse(await readFile(join(dir, 'model.json'), 'utf8'));
    expect(Object.keys(json).sort()).toEqual([
      'convertedBy',
      'format',
      'generatedBy',
      'modelTopology',
      'userDefinedMetadata',
      'weightsManifest',
    ]);
    expect(json.format).toBe('layers-model');
  });

  it('gives its metadata without its weights', async () => {
    await rm(join(dir, 'weights.bin'));
    expect(await readModelMetadata(dir)).toEqual({ accuracy: 0.9 });
  });

  it('may have its weights in several groups and shards', async () => {
    const bytes = await readFile(join(dir, 'weights.bin'));
    await rm(join(dir, 'weights.bin'));
    await mkdir(join(dir, 'shards'));
    await editJson((json) => {
      const [first, ...others] = json.weightsManifest[0]!.weights;
      json.weightsManifest = [
        { paths: ['shards/a.bin'], weights: [first] },
        { paths: ['shards/b.bin', 'c.bin'], weights: others },
      ];
    });
    const first = (GRAPH.layers[0] as { kernel: { values: Float32Array } }).kernel.values.byteLength;
    await writeFile(join(dir, 'shards', 'a.bin'), bytes.subarray(0, first));
    // Cut in the middle of a number.
    await writeFile(join(dir, 'shards', 'b.bin'), bytes.subarray(first, first + 13));
    await writeFile(join(dir, 'c.bin'), bytes.subarray(first + 13));
    expect(await readLayersModel(dir)).toEqual(GRAPH);
  });
});

describe('a broken model folder', () => {
  it('that is not there is named', async () => {
    const failure = await failureOf(readLayersModel(join(dir, 'nowhere')));
    expect(failure.message).toContain(`read ${join(dir, 'nowhere')}: got no such file or folder`);
  });

  const proc = existsSync('/proc/self') ? '' : ' [SKIPPED: there is no /proc]';
  it.skipIf(proc)(
    `that cannot be written because no folder can be made says so and ends${proc}`,
    async () => {
      const failure = await failureOf(writeLayersModel(GRAPH, '/proc/clearmaps/net'));
      expect(failure.message).toMatch(
        /write \/proc\/clearmaps\/net\/model\.json: got no such file or folder/,
      );
    },
  );

  it('without model.json, without a shard, or with a folder in its place says which file', async () => {
    await rm(join(dir, 'weights.bin'));
    expect((await failureOf(readLayersModel(dir))).message).toMatch(
      /weights .*weights\.bin, listed in .*model\.json: got no such file/,
    );
    await mkdir(join(dir, 'weights.bin'));
    expect((await failureOf(readLayersModel(dir))).message).toMatch(/something that is no file/);
    await rm(join(dir, 'model.json'));
    expect((await failureOf(readLayersModel(dir))).message).toMatch(/read .*model\.json: got no such file/);
  });

  it('with a truncated or an overlong shard says both sizes', async () => {
    const bytes = await readFile(join(dir, 'weights.bin'));
    await writeFile(join(dir, 'weights.bin'), bytes.subarray(0, 100));
    expect((await failureOf(readLayersModel(dir))).message).toContain(
      `got truncated files: 100 bytes; allowed: ${bytes.length} bytes`,
    );
    await writeFile(join(dir, 'weights.bin'), Buffer.concat([bytes, bytes]));
    expect((await failureOf(readLayersModel(dir))).message).toContain('trailing bytes');
  });

  it.each([
    ['<!DOCTYPE html><title>404</title>', /got an HTML page.*download it again/],
    ['', /got an empty file/],
    ['{"format": ', /got no JSON/],
    ['[1, 2]', /model\.json: got \[1,2\]; allowed: an object/],
    ['{}', /weightsManifest: got nothing/],
  ])('whose model.json is %j is refused', async (text, message) => {
    await writeFile(join(dir, 'model.json'), text);
    expect((await failureOf(readLayersModel(dir))).message).toMatch(message);
  });

  it.each(['../weights.bin', '/etc/hostname', 'a/../../x', '.', '..'])(
    'whose shard path %j leads out is refused before anything is read',
    async (path) => {
      await writeFile(join(dir, '..', 'weights.bin'), await readFile(join(dir, 'weights.bin')));
      await editJson((json) => {
        json.weightsManifest[0]!.paths = [path];
      });
      expect((await failureOf(readLayersModel(dir))).message).toContain(
        `path of a weight file: got ${JSON.stringify(path)}; allowed: relative paths that stay in the folder`,
      );
    },
  );

  it('may hold names that only look like a way out', async () => {
    await writeFile(join(dir, '..weights'), await readFile(join(dir, 'weights.bin')));
    await editJson((json) => {
      json.weightsManifest[0]!.paths = ['..weights'];
    });
    expect(await readLayersModel(dir)).toEqual(GRAPH);
  });

  it('that cannot be written is named', async () => {
    await writeFile(join(dir, 'file'), '');
    const failure = await failureOf(writeLayersModel(GRAPH, join(dir, 'file', 'net')));
    expect(failure.message).toMatch(/write .*model\.json: got a path through something that is not a folder/);
    expect((await failureOf(writeLayersModel(GRAPH, join(dir, 'file')))).message).toMatch(/got a file where/);
  });
});

describe('bundled models', () => {
  it('have names, and an unknown name lists them', async () => {
    expect(BUNDLED_MODELS).toEqual(['mnist', 'svhn']);
    for (const name of ['resnet', '', 'toString', '../weights/mnist']) {
      expect((await failureOf(readBundledModel(name))).message).toContain(
        `bundled model: got ${JSON.stringify(name)}; allowed: "mnist", "svhn"`,
      );
    }
  });

  it('lie in the weights folder of the package', async () => {
    const manifest = JSON.parse(
      await readFile(join(bundledModelFolder('mnist'), '../../package.json'), 'utf8'),
    );
    expect(manifest.name).toBe('@clearmaps/models');
    expect(manifest.files).toContain('weights');
  });
});
