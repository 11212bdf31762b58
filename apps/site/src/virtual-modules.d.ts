/// <reference types="vite/client" />

declare module 'virtual:samples' {
  import type { Sample } from '../build/samples.ts';

  export const digits: readonly Sample[];
  export const houseNumbers: readonly Sample[];
}
