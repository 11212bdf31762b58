/**
 * What a class's response says for this class and for no other: R(x|c) less the mean of the other classes' responses.
 * What every class is given alike, such as the edges of the picture under `guided`, falls out; so does most of what
 * random weights give. After contrastive top-down attention (Zhang et al. 2016, section 3.3) and contrastive LRP (Gu,
 * Yang & Tresp 2018), which contrast within the sweep; the mean of the other classes needs nothing but maps, of any
 * rule.
 *
 * @param maps [n, P], one a class, n from 2
 * @param row which of them
 * @returns [P], signed
 */
export function againstOthers(maps: Float32Array, classCount: number, row: number): Float32Array {
  const pixels = maps.length / classCount;
  return Float32Array.from({ length: pixels }, (_, pixel) => {
    let sum = 0;
    for (let c = 0; c < classCount; c++) sum += maps[c * pixels + pixel]!;
    const own = maps[row * pixels + pixel]!;
    return own - (sum - own) / (classCount - 1);
  });
}
