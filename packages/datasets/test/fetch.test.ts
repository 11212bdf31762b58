import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mulberry32 } from '@clearmaps/random';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFiles } from '../src/fetch/fetch-dataset.ts';
import { networkReason } from '../src/fetch/transfer-error.ts';
import { type FetchOptions, fetchDataset, OFFICIAL_DATASETS, type OfficialDataset } from '../src/fetch.ts';
import { DatasetError } from '../src/index.ts';
import { type FileServer, fileServer, send } from './file-server.ts';

const next = mulberry32(3);
const BYTES = Uint8Array.from({ length: 300_000 }, () => next());
const SHA256 = createHash('sha256').update(BYTES).digest('hex');

let dir = '';
let servers: FileServer[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'clearmaps-fetch-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await rm(dir, { recursive: true });
});

const serve = async (answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) => {
  const server = await fileServer(answer);
  servers.push(server);
  return server;
};
const dataset = (...mirrors: { url: string }[]): OfficialDataset => ({
  title: 'Test',
  home: 'http://127.0.0.1/',
  terms: 'Free.',
  mirrors: mirrors.map(({ url }) => url),
  files: [{ name: 'a.bin', part: 'a', bytes: BYTES.length, sha256: SHA256 }],
  defaultParts: ['a'],
});
const get = (options: FetchOptions, ...mirrors: { url: string }[]) =>
  fetchFiles(dataset(...mirrors), dir, { retryDelay: 1, ...options });
const target = () => join(dir, 'a.bin');
const expectWhole = async () => {
  expect(
    createHash('sha256')
      .update(await readFile(target()))
      .digest('hex'),
  ).toBe(SHA256);
  expect(await readdir(dir)).toEqual(['a.bin']);
};

describe('a download', () => {
  it('brings the file, tells its progress, and is not repeated', async () => {
    const server = await serve((request, response) => send(request, response, BYTES));
    const seen: number[] = [];
    const onProgress = (p: { received: number; total: number }) => seen.push(p.received / p.total);
    const [file] = await get({ onProgress }, server);
    expect(file).toEqual({ name: 'a.bin', path: target(), bytes: BYTES.length, status: 'downloaded' });
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await expectWhole();
    expect(await get({ baseUrl: server.url }, server)).toMatchObject([{ status: 'kept' }]);
    expect(server.requests).toEqual(['GET /a.bin']);
  });

  it('is checked by MD5 where the publisher gives no other checksum', async () => {
    const server = await serve((request, response) => send(request, response, BYTES));
    const md5 = createHash('md5').update(BYTES).digest('hex');
    const { files, ...rest } = dataset(server);
    const [{ name, part, bytes }] = files as [(typeof files)[number]];
    const fetch = (checksum: string) =>
      fetchFiles({ ...rest, files: [{ name, part, bytes, md5: checksum }] }, dir, { retryDelay: 1 });
    await expect(fetch(md5.replace(/^./, 'x'))).rejects.toThrow(/its bytes have MD5/);
    expect(await fetch(md5)).toMatchObject([{ status: 'downloaded' }]);
    await expectWhole();
  });

  it('goes on after each break where the connection broke', async () => {
    const server = await serve((request, response, count) =>
      send(request, response, BYTES, { breakAfter: count < 4 ? 70_000 : undefined }),
    );
    expect(await get({}, server)).toMatchObject([{ status: 'downloaded' }]);
    expect(server.requests.length).toBe(4);
    expect(server.requests.slice(1).every((request) => /bytes=[1-9]\d+-$/.test(request))).toBe(true);
    await expectWhole();
  });

  it('begins anew where the server ignores Range', async () => {
    const server = await serve((request, response, count) => {
      delete request.headers.range;
      send(request, response, BYTES, { breakAfter: count === 1 ? 100_000 : undefined });
    });
    await get({}, server);
    expect(server.requests).toEqual(['GET /a.bin', 'GET /a.bin bytes=100000-']);
    await expectWhole();
  });

  it('begins anew where the file has changed between two tries', async () => {
    const old = Uint8Array.from(BYTES).reverse();
    const server = await serve((request, response, count) =>
      count === 1
        ? send(request, response, old, { etag: '"old"', breakAfter: 100_000 })
        : send(request, response, BYTES, { etag: '"new"' }),
    );
    await get({}, server);
    await expectWhole();
  });

  it('begins anew where the part of an earlier run holds wrong bytes, or too many', async () => {
    const server = await serve((request, response) => send(request, response, BYTES));
    for (const left of [
      new Uint8Array(1000),
      new Uint8Array(BYTES.length),
      new Uint8Array(BYTES.length + 1),
    ]) {
      await rm(target(), { force: true });
      await writeFile(`${target()}.part`, left);
      await get({}, server);
      await expectWhole();
    }
  });

  it.each([
    ['a wrong range', 206, { 'content-range': 'bytes 5-9/10' }],
    ['no range at all', 206, {}],
    ['status 416', 416, {}],
  ])('begins anew where a server answers a resumption with %s', async (_, status, headers) => {
    const server = await serve((request, response) => {
      if (!request.headers.range) return send(request, response, BYTES);
      response.writeHead(status, headers).end();
    });
    await writeFile(`${target()}.part`, BYTES.subarray(0, 5000));
    await get({}, server);
    await expectWhole();
  });

  it('stops at a signal, keeps what came, and goes on in the next run', async () => {
    const server = await serve((request, response, count) => {
      if (count > 1) return send(request, response, BYTES);
      response.writeHead(200, { 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 120_000));
    });
    const stop = new AbortController();
    const onProgress = ({ received }: { received: number }) => {
      if (received >= 120_000) stop.abort(new Error('not now'));
    };
    await expect(get({ signal: stop.signal, onProgress }, server)).rejects.toThrow('not now');
    expect((await readFile(`${target()}.part`)).length).toBe(120_000);
    expect(existsSync(target())).toBe(false);
    expect(await get({}, server)).toMatchObject([{ status: 'resumed' }]);
    expect(server.requests).toEqual(['GET /a.bin', 'GET /a.bin bytes=120000-']);
    await expectWhole();
    await expect(get({ signal: AbortSignal.abort(new Error('before')) }, server)).rejects.toThrow('before');
  });

  it('follows redirects', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/elsewhere') return send(request, response, BYTES);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await get({}, server);
    await expectWhole();
  });

  it('tries again after status 503, and takes the next mirror after 404 and after wrong bytes', async () => {
    const gone = await serve((_, response) => void response.writeHead(404).end());
    const wrong = await serve((request, response) => send(request, response, new Uint8Array(BYTES.length)));
    const busy = await serve((request, response, count) =>
      count < 3 ? void response.writeHead(503).end() : send(request, response, BYTES),
    );
    await get({}, gone, wrong, busy);
    expect([gone, wrong, busy].map(({ requests }) => requests.length)).toEqual([1, 1, 3]);
    await expectWhole();
  });

  it('goes on at the next mirror with what the last one gave', async () => {
    const breaking = await serve((request, response) =>
      send(request, response, BYTES, { breakAfter: 30_000 }),
    );
    const good = await serve((request, response) => send(request, response, BYTES));
    await get({}, breaking, good);
    expect(good.requests).toEqual(['GET /a.bin bytes=120000-']);
    await expectWhole();
  });
});

describe('a download that cannot be had', () => {
  const failure = (options: FetchOptions, ...mirrors: { url: string }[]) =>
    get(options, ...mirrors).then(
      () => 'no failure',
      (error: unknown) => (error instanceof DatasetError ? error.message : `not ours: ${String(error)}`),
    );

  it('says why at each mirror, what to fetch by hand and where to put it', async () => {
    const gone = await serve((_, response) => void response.writeHead(404).end());
    const closed = await fileServer(() => undefined);
    await closed.close();
    const message = await failure({}, gone, closed);
    expect(message).toContain(`${gone.url}a.bin: status 404 Not Found`);
    expect(message).toContain(`${closed.url}a.bin: the connection was refused (ECONNREFUSED)`);
    expect(message).toContain(`300000 bytes, SHA-256 ${SHA256}) on another machine, put it at ${target()}`);
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([
    ['ENOTFOUND', /offline, or names are not resolved here \(ENOTFOUND\)/],
    ['UND_ERR_CONNECT_TIMEOUT', /no answer in time, as behind many firewalls/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate is not trusted here: a firewall may read along/],
  ])('because of %s says what that means', (code, message) => {
    const cause = Object.assign(new Error('down below'), { code });
    expect(networkReason(new TypeError('fetch failed', { cause }))).toMatch(message);
  });

  it('because the bytes are wrong leaves nothing behind', async () => {
    const wrong = await serve((request, response) => send(request, response, new Uint8Array(BYTES.length)));
    expect(await failure({}, wrong)).toMatch(new RegExp(`its bytes have SHA-256 .*official file ${SHA256}`));
    expect(wrong.requests.length).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  it('because a web page comes instead says so before taking it', async () => {
    const portal = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': 11 }).end('please sign');
    });
    expect(await failure({}, portal)).toMatch(/a web page of 11 bytes.*sign-in page/);
    const endless = await serve((_, response) => {
      response.writeHead(200);
      response.write(new Uint8Array(BYTES.length));
      response.write(new Uint8Array(BYTES.length));
    });
    expect(await failure({}, endless)).toMatch(/goes on after the 300000 bytes/);
  });

  it('because the server stalls is given up after a while', async () => {
    const silent = await serve(() => undefined);
    const slow = await serve((_, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 10));
    });
    expect(await failure({ stallTimeout: 60 }, silent)).toMatch(/nothing came for 0\.06 s/);
    expect(await failure({ stallTimeout: 60 }, slow)).toMatch(
      /nothing came for 0\.06 s, after 10 of 300000 bytes/,
    );
    expect(silent.requests.length).toBe(4);
  });

  it('because it redirects in a circle, or ends early each time, comes to an end', async () => {
    const circle = await serve((_, response) => void response.writeHead(302, { location: '/a.bin' }).end());
    expect(await failure({}, circle)).toMatch(/redirect/);
    const short = await serve((_, response) => void response.writeHead(200).end(BYTES.subarray(0, 10)));
    expect(await failure({}, short)).toMatch(/ended after 10 of 300000 bytes/);
    expect(short.requests.length).toBe(4);
  });

  it('because another file has its name leaves that file alone', async () => {
    const server = await serve((request, response) => send(request, response, BYTES));
    await writeFile(target(), 'mine');
    expect(await failure({}, server)).toMatch(/got another file of that name.*Move it away/);
    expect(await readFile(target(), 'utf8')).toBe('mine');
    expect(server.requests).toEqual([]);
  });

  it('because the folder cannot be made or the name is a folder is told in a DatasetError', async () => {
    await writeFile(join(dir, 'file'), '');
    const blocked = fetchFiles(dataset({ url: 'http://127.0.0.1:9/' }), join(dir, 'file', 'in'));
    await expect(blocked).rejects.toThrow(DatasetError);
    await mkdir(target());
    expect(await failure({}, { url: 'http://127.0.0.1:9/' })).toMatch(/a\.bin/);
  });

  const proc = existsSync('/proc/self') ? '' : ' [SKIPPED: there is no /proc]';
  it.skipIf(proc)(`because no folder can be made there at all ends in a DatasetError${proc}`, async () => {
    const nowhere = fetchFiles(dataset({ url: 'http://127.0.0.1:9/' }), '/proc/clearmaps/data');
    await expect(nowhere).rejects.toThrow(DatasetError);
  });

  it.skipIf(!existsSync('/dev/full'))('because the disk is full says so and how to go on', async () => {
    const server = await serve((request, response) => send(request, response, BYTES));
    await symlink('/dev/full', `${target()}.part`);
    expect(await failure({}, server)).toMatch(/got no space left on the disk.*it goes on where it stopped/);
    expect(existsSync(target())).toBe(false);
  });

  it('because the disk is too small says so before anything is asked for', async () => {
    const server = await serve((request, response) => send(request, response, BYTES));
    const huge = dataset(server);
    const files = [{ ...huge.files[0]!, bytes: Number.MAX_SAFE_INTEGER }];
    await expect(fetchFiles({ ...huge, files }, dir)).rejects.toThrow(/room for a\.bin .* free bytes/);
    expect(server.requests).toEqual([]);
  });
});

describe('the official data sets', () => {
  it('are asked for by name, part and address', async () => {
    await expect(fetchDataset('cifar' as never, dir)).rejects.toThrow(
      /got "cifar"; allowed: "mnist", "svhn", "dogs"/,
    );
    await expect(fetchDataset('svhn', dir, { parts: ['validation'] })).rejects.toThrow(
      /got "validation"; allowed: "train", "test", "extra"/,
    );
    await expect(fetchDataset('mnist', dir, { parts: [] })).rejects.toThrow(/got none/);
    for (const baseUrl of ['', 'mirror', 'file:///etc/']) {
      await expect(fetchDataset('mnist', dir, { baseUrl })).rejects.toThrow(/option `baseUrl`/);
    }
    const server = await serve((_, response) => void response.writeHead(404).end());
    await expect(
      fetchDataset('svhn', dir, { parts: ['extra'], baseUrl: `${server.url}deep` }),
    ).rejects.toThrow(DatasetError);
    expect(server.requests).toEqual(['GET /deep/extra_32x32.mat']);
  });

  it('have whole checksums, folders for mirrors, terms, and parts that exist', () => {
    for (const { files, mirrors, terms, home, defaultParts } of Object.values(OFFICIAL_DATASETS)) {
      for (const { sha256, bytes } of files) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(bytes).toBeGreaterThan(4000);
      }
      expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(files.length);
      for (const address of [...mirrors, home]) expect(address).toMatch(/^https?:.*\/$/);
      expect(terms).toMatch(/\.$/);
      expect(files.map(({ part }) => part)).toEqual(expect.arrayContaining([...defaultParts]));
    }
  });
});
