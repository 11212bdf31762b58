import { keep, type Tensor } from '@tensorflow/tfjs-core';

/** Something that holds tensors, with all that it holds. */
export interface Holding<T> {
  readonly value: T;
  readonly tensors: readonly Tensor[];
}

/** What is made of tensors when it is first asked for, by name, and then kept. */
export class KeptTensors {
  private readonly held = new Map<string, Holding<unknown>>();

  get<T>(key: string, make: () => Holding<T>): T {
    let entry = this.held.get(key);
    if (entry === undefined) {
      entry = make();
      // A caller's tidy must not take what the next call needs.
      for (const tensor of entry.tensors) keep(tensor);
      this.held.set(key, entry);
    }
    return entry.value as T;
  }

  dispose(): void {
    for (const { tensors } of this.held.values()) for (const tensor of tensors) tensor.dispose();
    this.held.clear();
  }
}
