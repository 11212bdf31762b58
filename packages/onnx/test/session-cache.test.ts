import { expect, it } from 'vitest';
import { SessionCache } from '../src/session-cache.ts';

/** Sessions that write down when they are opened and released. */
function logged() {
  const log: string[] = [];
  const open = (key: string) => async () => {
    log.push(`open ${key}`);
    return { run: async () => new Map(), release: async () => void log.push(`release ${key}`) };
  };
  return { log, open };
}

it('opens a session once, however many ask for it at a time', async () => {
  const { log, open } = logged();
  const cache = new SessionCache(2);
  await Promise.all([1, 2, 3].map(() => cache.use('a', open('a'), async () => {})));
  expect(log).toEqual(['open a']);
});

it('closes the one that was used longest ago', async () => {
  const { log, open } = logged();
  const cache = new SessionCache(2);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.use(key, open(key), async () => {});
  expect(log).toEqual(['open a', 'open b', 'open c', 'release b', 'open b', 'release c']);
});

it('closes none that is in use', async () => {
  const { log, open } = logged();
  const cache = new SessionCache(1);
  await cache.use('a', open('a'), async () => {
    await cache.use('b', open('b'), async () => {});
    expect(log).toEqual(['open a', 'open b', 'release b']);
  });
  expect(log).toEqual(['open a', 'open b', 'release b']);
  await cache.close();
  expect(log.at(-1)).toBe('release a');
});

it('waits with closing for those who still use one, and keeps nothing afterwards', async () => {
  const { log, open } = logged();
  const cache = new SessionCache(3);
  let finish = (): void => {};
  const using = cache.use('a', open('a'), () => new Promise<void>((resolve) => (finish = resolve)));
  await Promise.resolve();
  const closing = cache.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['open a']);
  finish();
  await Promise.all([using, closing]);
  expect(log).toEqual(['open a', 'release a']);
});

it('tries again after a session that did not open', async () => {
  const { log, open } = logged();
  const cache = new SessionCache(2);
  const failing = async () => Promise.reject(new Error('no memory'));
  await expect(cache.use('a', failing, async () => {})).rejects.toThrow('no memory');
  await cache.use('a', open('a'), async () => {});
  await cache.close();
  expect(log).toEqual(['open a', 'release a']);
});
