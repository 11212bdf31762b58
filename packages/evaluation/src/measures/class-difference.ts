import { correlation } from './map-correlation.ts';

/** Share of the pixels that lit up in either map whose dominant class is another one, 0..1. */
export function changedClassShare(
  one: { readonly dominantClass: Int32Array; readonly dominantResponse: Float32Array },
  other: { readonly dominantClass: Int32Array; readonly dominantResponse: Float32Array },
): number {
  let [lit, changed] = [0, 0];
  for (let pixel = 0; pixel < one.dominantClass.length; pixel++) {
    if (one.dominantResponse[pixel]! <= 0 && other.dominantResponse[pixel]! <= 0) continue;
    lit++;
    changed += Number(one.dominantClass[pixel] !== other.dominantClass[pixel]);
  }
  return lit === 0 ? 0 : changed / lit;
}

/** Share of the pixels of either mask that belong to one of them alone: 0 for equal masks, 1 for disjoint ones. */
export function maskDifference(one: Uint8Array, other: Uint8Array): number {
  let [either, single] = [0, 0];
  for (let pixel = 0; pixel < one.length; pixel++) {
    either += one[pixel]! | other[pixel]!;
    single += one[pixel]! ^ other[pixel]!;
  }
  return either === 0 ? 0 : single / either;
}

/** Mean correlation between the maps of all pairs of classes: 1 where a map does not depend on its class. */
export function classCorrelation(maps: readonly Float32Array[]): number {
  const pairs = maps.flatMap((map, i) => maps.slice(i + 1).map((other) => correlation(map, other)));
  return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
}

/** Share of the positive dominant response (CLEAR eq. 5) that belongs to a class: how much of the map has its colour. */
export function energyShare(
  { dominantClass, dominantResponse }: { dominantClass: Int32Array; dominantResponse: Float32Array },
  classIndex: number,
): number {
  let [all, own] = [0, 0];
  dominantResponse.forEach((value, pixel) => {
    if (value <= 0) return;
    all += value;
    if (dominantClass[pixel] === classIndex) own += value;
  });
  return all === 0 ? 0 : own / all;
}
