/** The bytes of a safetensors file, float32. */
export function safetensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; values: Float32Array }>>,
): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const data = Object.values(tensors).map(({ values }) => new Uint8Array(values.buffer));
  return withHeader(JSON.stringify(header), data);
}

export function withHeader(header: string, data: readonly Uint8Array[] = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
  return Uint8Array.from(Buffer.concat([length, text, ...data]));
}

/** The state dict of a torchvision VGG of two blocks, for pictures of 8x8. */
export function vggStateDict(
  norm: boolean,
): Record<string, { shape: readonly number[]; values: Float32Array }> {
  const dict: Record<string, { shape: readonly number[]; values: Float32Array }> = {};
  let seed = 0;
  const wave = (shape: readonly number[], move = 0) => {
    const start = ++seed;
    const length = shape.reduce((a, b) => a * b, 1);
    return { shape, values: Float32Array.from({ length }, (_, i) => move + Math.sin(i + start) / 3) };
  };
  let at = 0;
  const conv = (cin: number, cout: number) => {
    dict[`features.${at}.weight`] = wave([cout, cin, 3, 3]);
    dict[`features.${at}.bias`] = wave([cout]);
    if (norm) {
      at++;
      for (const name of ['weight', 'bias', 'running_mean']) dict[`features.${at}.${name}`] = wave([cout]);
      dict[`features.${at}.running_var`] = wave([cout], 1);
    }
    at += 2;
  };
  conv(3, 2);
  at++;
  conv(2, 3);
  conv(3, 3);
  dict['classifier.0.weight'] = wave([5, 12]);
  dict['classifier.0.bias'] = wave([5]);
  dict['classifier.3.weight'] = wave([5, 5]);
  dict['classifier.3.bias'] = wave([5]);
  dict['classifier.6.weight'] = wave([4, 5]);
  dict['classifier.6.bias'] = wave([4]);
  return dict;
}
