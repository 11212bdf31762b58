/**
 * Nothing is fired in a page when a worker is terminated, closes itself or crashes; but the browser then releases
 * the locks that it held (Web Locks API), and the page can wait for that.
 *
 * @param end when to release it all the same
 * @returns the lock's name, once it is held; undefined where there are no locks: in Node before 24, in a page that
 *   is not secure
 */
export async function holdLifeLock(end: Promise<void>): Promise<string | undefined> {
  const locks = locksOfHere();
  if (locks === undefined) return undefined;
  const name = `clearmaps-${crypto.randomUUID()}`;
  await new Promise<void>((held) => {
    void locks.request(name, () => {
      held();
      return end;
    });
  });
  return name;
}

/** Resolves when whoever held the lock no longer does. */
export async function lifeLockReleased(name: string): Promise<void> {
  await locksOfHere()?.request(name, () => {});
}

function locksOfHere(): LockManager | undefined {
  return (globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined;
}
