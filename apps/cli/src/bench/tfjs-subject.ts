import { createExplainer } from '@clearmaps/deconvnet';
import { type GraphPlan, largestConvolution, rowsAtOnce } from '@clearmaps/deconvnet/graph';
import { convolve } from '@clearmaps/deconvnet/layers';
import {
  dispose,
  memory,
  profile,
  randomUniform,
  setBackend,
  slice,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import { AutogradBaseline } from '../autograd-baseline.ts';
import { startTfjsBackend } from '../backends.ts';
import { convolutionFlops } from './row.ts';
import type { Subject } from './subject.ts';

/** A convolution that keeps any GPU busy; more images at a time would only take longer. */
const ENOUGH_FLOPS = 4e9;

export async function openTfjsSubject(plan: GraphPlan, backend: string): Promise<Subject> {
  await startTfjsBackend(backend);
  const { graph } = plan;
  const before = memory().numBytes;
  const explainer = createExplainer(graph);
  const image = noise([1, ...graph.inputShape]);
  const ownBytes = memory().numBytes - before;
  const baseline = new AutogradBaseline(graph);
  const atATime = Math.min(plan.classCount, rowsAtOnce(plan, 1, plan.classCount, 0, {}));
  const images = Math.max(1, Math.min(atATime, Math.floor(ENOUGH_FLOPS / convolutionFlops(plan, 1))));
  const convolution = convolutionAlone(plan, images);
  const explain = async (): Promise<void> => {
    const explanation = explainer.explainTensors(image);
    try {
      await explanation.dominantClass.data();
    } finally {
      explanation.dispose();
    }
  };
  const tasks: Subject['tasks'] = {
    ...(convolution && { convolution: convolution.run }),
    async forward() {
      const prediction = explainer.predictTensors(image);
      try {
        await prediction.logits.data();
      } finally {
        dispose(prediction);
      }
    },
    allClasses: explain,
    gradient: async () => void (await baseline.gradient(image, 0)),
  };
  return {
    tasks,
    // TensorFlow.js has one active backend, and the rounds go from one to the next.
    async activate() {
      await setBackend(backend);
    },
    images,
    sumsImage: false,
    async memory() {
      const others = memory().numBytes - ownBytes;
      const { peakBytes } = await profile(() => explainer.explainTensors(image).dispose());
      return { kind: 'tensors', bytes: peakBytes - others };
    },
    async dispose() {
      convolution?.dispose();
      image.dispose();
      baseline.dispose();
      explainer.dispose();
    },
  };
}

/** Plain convolution, one number read back: reading all of it takes as long as some make it. */
function convolutionAlone(plan: GraphPlan, images: number) {
  const layer = largestConvolution(plan);
  if (layer === undefined) return undefined;
  const x = noise([images, ...plan.spatialShape(layer.inputs[0]!)]);
  const kernel = tensor4d(layer.kernel.values, layer.kernel.shape as Tensor4D['shape']);
  const geometry = plan.convGeometry(layer);
  return {
    async run(): Promise<void> {
      const pixel = tidy(() =>
        slice(
          convolve(x, kernel, geometry, { groups: layer.groups ?? 1, activation: 'linear' }),
          [0, 0, 0, 0],
          [1, 1, 1, 1],
        ),
      );
      try {
        await pixel.data();
      } finally {
        pixel.dispose();
      }
    },
    dispose(): void {
      x.dispose();
      kernel.dispose();
    },
  };
}

function noise(shape: Tensor4D['shape']): Tensor4D {
  return randomUniform(shape, 0, 1, 'float32', 1);
}
