import { mulberry32 } from '@clearmaps/random';
import { heNormal } from '../src/he-init.ts';
import { OnnxWriter } from './onnx-writer.ts';

/** Small nets with the graphs that torch.onnx.export makes of torchvision's, and random weights. */
export class TorchNet extends OnnxWriter {
  private readonly next = mulberry32(17);

  random(dims: readonly number[], fanIn = 4): string {
    return this.floats(dims, this.values(dims, fanIn));
  }

  private values(dims: readonly number[], fanIn: number): Float32Array {
    const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
    heNormal(values, fanIn, this.next);
    return values;
  }

  conv(x: string, [cin, cout]: readonly [number, number], side: number, more: Options = {}): string {
    const { stride = 1, pad = Math.floor(side / 2), group = 1, bias = true } = more;
    const weight = this.random([cout, cin / group, side, side], (side * side * cin) / group);
    return this.node('Conv', [x, weight, ...(bias ? [this.random([cout], 32)] : [])], {
      dilations: [1, 1],
      group,
      kernel_shape: [side, side],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    });
  }

  norm(x: string, channels: number): string {
    const variance = this.values([channels], 8).map((value) => 0.5 + value * value);
    const [gamma, beta, mean] = [
      this.random([channels]),
      this.random([channels], 32),
      this.random([channels], 32),
    ];
    const inputs = [x, gamma, beta, mean, this.floats([channels], variance)];
    return this.node('BatchNormalization', inputs, { epsilon: { float: 1e-5 }, momentum: { float: 0.9 } });
  }

  linear(x: string, [cin, cout]: readonly [number, number]): string {
    const inputs = [x, this.random([cout, cin], cin), this.random([cout], 32)];
    return this.node('Gemm', inputs, { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 });
  }

  maxPool(x: string, side: number, stride: number, pad = 0, ceil_mode = 0): string {
    return this.node('MaxPool', [x], {
      ceil_mode,
      kernel_shape: [side, side],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    });
  }

  relu(x: string): string {
    return this.node('Relu', [x]);
  }

  /** Bounds as constants of their own, as torch.onnx.export writes a ReLU6. */
  relu6(x: string): string {
    const bound = (value: number) =>
      this.node('Constant', [], {
        value: { dims: [], data_type: 1, raw_data: new Uint8Array(Float32Array.of(value).buffer) },
      });
    return this.node('Clip', [x, bound(0), bound(6)]);
  }
}

interface Options {
  readonly stride?: number;
  readonly pad?: number;
  readonly group?: number;
  readonly bias?: boolean;
}

/** VGG11 at 1/8 width and 64x64 pixels, with its three dense layers. */
export function vgg(): Uint8Array {
  const net = new TorchNet('batch', 3, 64, 64);
  let x = net.input;
  let channels = 3;
  for (const step of [8, 'pool', 16, 'pool', 32, 32, 'pool', 64, 64, 'pool', 64, 64, 'pool'] as const) {
    if (step === 'pool') x = net.maxPool(x, 2, 2);
    else {
      x = net.relu(net.conv(x, [channels, step], 3));
      channels = step;
    }
  }
  // AdaptiveAvgPool2d to the size that the map has already.
  x = net.node('AveragePool', [x], { kernel_shape: [1, 1], strides: [1, 1] });
  x = net.node('Flatten', [x], { axis: 1 });
  x = net.relu(net.linear(x, [256, 24]));
  x = net.relu(net.linear(net.node('Dropout', [x]), [24, 24]));
  return net.finish(net.linear(x, [24, 10]));
}

/** ResNet18's stem and two of its stages at a small width; batch normalisation not folded, as opset 13 keeps it. */
export function resNet(): Uint8Array {
  const net = new TorchNet('batch', 3, 45, 38);
  const stem = net.norm(net.conv(net.input, [3, 8], 7, { stride: 2, bias: false }), 8);
  let x = net.maxPool(net.relu(stem), 3, 2, 1);
  const block = (cin: number, cout: number, stride: number): void => {
    const a = net.relu(net.norm(net.conv(x, [cin, cout], 3, { stride, bias: false }), cout));
    const b = net.norm(net.conv(a, [cout, cout], 3, { bias: false }), cout);
    const side = stride === 1 ? x : net.norm(net.conv(x, [cin, cout], 1, { stride, bias: false }), cout);
    x = net.relu(net.node('Add', [b, side]));
  };
  block(8, 8, 1);
  block(8, 16, 2);
  const pooled = net.node('GlobalAveragePool', [x]);
  return net.finish(net.linear(net.node('Flatten', [pooled], { axis: 1 }), [16, 10]));
}

/** MobileNetV2's stem and three blocks; the mean and the reshape as different versions of PyTorch export them. */
export function mobileNetV2(head: 'GlobalAveragePool' | 'ReduceMean' | 'sizes'): Uint8Array {
  const net = new TorchNet('batch', 3, 40, 33);
  let x = net.relu6(net.norm(net.conv(net.input, [3, 8], 3, { stride: 2, bias: false }), 8));
  const block = (cin: number, cout: number, stride: number, expansion: number): void => {
    const wide = cin * expansion;
    const expanded = net.relu6(net.norm(net.conv(x, [cin, wide], 1, { bias: false }), wide));
    const deep = net.conv(expanded, [wide, wide], 3, { stride, group: wide, bias: false });
    const narrow = net.norm(
      net.conv(net.relu6(net.norm(deep, wide)), [wide, cout], 1, { bias: false }),
      cout,
    );
    x = stride === 1 && cin === cout ? net.node('Add', [x, narrow]) : narrow;
  };
  block(8, 6, 2, 2);
  block(6, 6, 1, 3);
  block(6, 10, 2, 3);
  x = net.relu6(net.norm(net.conv(x, [10, 20], 1, { bias: false }), 20));
  return net.finish(net.linear(vector(net, x, head), [20, 10]));
}

function vector(net: TorchNet, x: string, head: 'GlobalAveragePool' | 'ReduceMean' | 'sizes'): string {
  if (head === 'ReduceMean') return net.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
  const pooled = net.node('GlobalAveragePool', [x]);
  if (head === 'GlobalAveragePool') return net.node('Flatten', [pooled], { axis: 1 });
  // x.reshape(x.shape[0], -1), traced step by step.
  const sizes = net.node('Shape', [pooled]);
  const zero = net.node('Constant', [], { value: { dims: [], data_type: 7, int64_data: [0] } });
  const batch = net.node('Unsqueeze', [net.node('Gather', [sizes, zero], { axis: 0 }), net.ints([0])]);
  const rest = net.node('Constant', [], { value: { dims: [1], data_type: 7, int64_data: [-1] } });
  return net.node('Reshape', [pooled, net.node('Concat', [batch, rest], { axis: 0 })]);
}
