import type { Split } from '@clearmaps/datasets';
import { type DogPicture, readDogs, type StanfordDogs } from '@clearmaps/datasets/node';
import type { LayerGraph } from '@clearmaps/deconvnet';
import {
  divideNet,
  FINE_TUNING_RECIPE,
  HEAD_RECIPE,
  type TrainingSet,
  type TrainOptions,
  withTrainedHead,
} from '@clearmaps/training';
import { dogDecoder } from './decode-dog.ts';
import { dogFeatures } from './dog-features.ts';
import { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export interface DogLessonRequest {
  readonly graph: LayerGraph;
  /** The first layer that learns; undefined where all do, which {@link headAlone} does not take. */
  readonly firstToLearn: string | undefined;
  readonly dogs: StanfordDogs;
  /** Cut each picture to its largest dog. */
  readonly crop: boolean;
  /** Where a cache may be. */
  readonly folder: string;
  readonly terminal: Terminal;
}

/** Which part of a net learns, and from what. */
export interface DogLesson {
  readonly learner: LayerGraph;
  readonly data: TrainingSet;
  /** undefined where there is no test list. */
  readonly test: TrainingSet | undefined;
  readonly recipe: TrainOptions;
  /** The split of `data`, from that of the pictures. */
  split(ofPictures: Split): Split;
  /** The whole net, once the learner is fitted. */
  whole(fitted: LayerGraph): LayerGraph;
}

/**
 * A head learns from what the frozen layers below make of each picture, plain and mirrored, which is computed once and
 * kept on disk.
 */
export async function headAlone({
  graph,
  firstToLearn,
  dogs,
  ...request
}: DogLessonRequest): Promise<DogLesson> {
  const { trunk, head } = divideNet(graph, firstToLearn!);
  const count = dogs.train.length;
  return {
    learner: head,
    data: await dogFeatures({ ...request, trunk, dogs, pictures: dogs.train, mirrored: true }),
    test: dogs.test && (await dogFeatures({ ...request, trunk, dogs, pictures: dogs.test, mirrored: false })),
    recipe: HEAD_RECIPE,
    // The mirrored maps stand behind the others in the same order; the held-out part stays plain.
    split: (split) => {
      const behind = split.train.map((index) => index + count);
      return { ...split, train: Uint32Array.from([...split.train, ...behind]) };
    },
    whole: (fitted) => withTrainedHead(graph, fitted),
  };
}

/** The net learns from the pictures themselves, each changed anew whenever it is seen. */
export async function fineTuning(request: DogLessonRequest): Promise<DogLesson> {
  const { graph, firstToLearn, dogs } = request;
  const frozen = firstToLearn === undefined ? [] : divideNet(graph, firstToLearn).trunk.layers;
  return {
    learner: graph,
    data: await decoded(request, dogs.train),
    test: dogs.test && (await decoded(request, dogs.test)),
    recipe: {
      ...FINE_TUNING_RECIPE,
      freeze: frozen.filter((layer) => 'kernel' in layer).map(({ name }) => name),
    },
    split: (split) => split,
    whole: (fitted) => fitted,
  };
}

async function decoded(
  { graph, dogs, crop, terminal }: DogLessonRequest,
  pictures: readonly DogPicture[],
): Promise<TrainingSet> {
  const bar = new Progress(terminal, 'pictures', pictures.length);
  try {
    return await readDogs(pictures, dogs.classNames, {
      ...dogDecoder(graph),
      crop,
      signal: terminal.signal,
      onProgress: (done) => bar.reach(done),
    });
  } finally {
    bar.stop();
  }
}
