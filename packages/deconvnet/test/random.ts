/** Seeded random numbers: mulberry32, so that a failing case can be named by its seed. */
export class Random {
  constructor(private state: number) {}

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(options: readonly T[]): T {
    return options[this.int(0, options.length - 1)]!;
  }

  /** Roughly normal, mean 0. */
  normal(deviation = 1): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum * deviation;
  }

  floats(length: number, deviation = 1): Float32Array {
    return Float32Array.from({ length }, () => this.normal(deviation));
  }
}
