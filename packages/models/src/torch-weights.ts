import type { Weight } from '@clearmaps/deconvnet/graph';

/** A kernel in PyTorch's and ONNX's order, [out, in / groups, kh, kw], as [kh, kw, in / groups, out]. */
export function kernelFromOihw(values: Float32Array, [o, i, h, w]: readonly number[]): Weight {
  const [out, depth, height, width] = [o!, i!, h!, w!];
  const kernel = new Float32Array(values.length);
  let from = 0;
  for (let k = 0; k < out; k++) {
    for (let c = 0; c < depth; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) kernel[((y * width + x) * depth + c) * out + k] = values[from++]!;
      }
    }
  }
  return { shape: [height, width, depth, out], values: kernel };
}

/** A matrix with a row an output, [out, in], as [in, out]. */
export function transposed(values: Float32Array, [rows, columns]: readonly number[]): Weight {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows!; row++) {
    for (let column = 0; column < columns!; column++) {
      turned[column * rows! + row] = values[row * columns! + column]!;
    }
  }
  return { shape: [columns!, rows!], values: turned };
}

/**
 * Puts rows that follow a flattened [C, H, W], as in PyTorch and ONNX, into the order of a flattened [H, W, C].
 *
 * @param weight [C * H * W, ...]
 * @param map [H, W, C] before it was flattened
 */
export function rowsFromChw({ shape, values }: Weight, map: readonly number[]): Weight {
  const [height, width, channels] = map as [number, number, number];
  const places = height * width;
  const length = values.length / (places * channels);
  const ordered = new Float32Array(values.length);
  for (let c = 0; c < channels; c++) {
    for (let place = 0; place < places; place++) {
      const from = (c * places + place) * length;
      ordered.set(values.subarray(from, from + length), (place * channels + c) * length);
    }
  }
  return { shape, values: ordered };
}
