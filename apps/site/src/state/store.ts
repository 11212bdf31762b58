/** State with listeners: each is told at once, and again when one of the fields changes that it watches. */
export class Store<S extends object> {
  private readonly listeners: { keys: readonly (keyof S)[]; listener: (state: S) => void }[] = [];

  constructor(private current: S) {}

  get state(): S {
    return this.current;
  }

  set(patch: Partial<S>): void {
    const before = this.current;
    this.current = { ...before, ...patch };
    const changed = (Object.keys(patch) as (keyof S)[]).filter((key) => before[key] !== this.current[key]);
    for (const { keys, listener } of this.listeners) {
      if (keys.some((key) => changed.includes(key))) listener(this.current);
    }
  }

  watch(keys: readonly (keyof S)[], listener: (state: S) => void): void {
    this.listeners.push({ keys, listener });
    listener(this.current);
  }
}
