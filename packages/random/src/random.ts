import { murmurMix } from './murmur-mix.ts';
import { shuffle } from './shuffle.ts';

/** So that 0, which the mixing keeps, moves on. */
const STEP = 0x6d2b79f5;

/** The four 32-bit words of an sfc32 generator. */
export type RandomState = readonly [number, number, number, number];

/**
 * sfc32 of PractRand (Chris Doty-Humphrey, public domain): 32-bit integer arithmetic only, so the same in every
 * engine, and a state of four words that can be saved and set again.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor([a, b, c, d]: RandomState) {
    this.a = a | 0;
    this.b = b | 0;
    this.c = c | 0;
    this.d = d | 0;
  }

  /**
   * A stream of its own for each path of integers, such as (seed, epoch, image). What a stream gives does not
   * depend on how much was drawn from others, so work can be cut among workers or resumed without a trace.
   */
  static stream(...path: readonly number[]): Random {
    let hash = 0x9e3779b9;
    const words = [0, 1, 2].map((lane) => {
      for (const part of [lane, path.length, ...path]) {
        hash = murmurMix(hash ^ (part >>> 0)) + STEP;
        hash = murmurMix(hash ^ Math.floor(part / 2 ** 32)) + STEP;
      }
      return hash;
    });
    const random = new Random([words[0]!, words[1]!, words[2]!, 1]);
    // The author's advice: 12 rounds until the words are mixed.
    for (let i = 0; i < 12; i++) random.next();
    return random;
  }

  get state(): RandomState {
    return [this.a >>> 0, this.b >>> 0, this.c >>> 0, this.d >>> 0];
  }

  /** A whole number, 0..2^32-1. */
  next(): number {
    const sum = (this.a + this.b + this.d) | 0;
    this.d = (this.d + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 <= x < 1. */
  uniform(): number {
    return this.next() * 2 ** -32;
  }

  /** low <= x < high. */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** One number of the standard normal distribution (Box & Muller 1958). */
  normal(): number {
    // From above 0, which has no logarithm.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher-Yates, in place. */
  shuffle<T extends { [index: number]: number; length: number }>(values: T): T {
    return shuffle(values, () => this.next());
  }
}
