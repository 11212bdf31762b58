import type { ChangeGroup, ChangePlan } from './change-plan.ts';
import { CHANGE_DEFAULTS, type ChangedWindows, type ChangeOptions, checkChanges } from './changed-windows.ts';
import { evenChunks } from './class-chunks.ts';
import { DifferentVariants, UNCHANGED } from './different-variants.ts';
import type { Prediction } from './explanation.ts';
import type { LayerGraph } from './layer-graph.ts';
import { turnsFor } from './steps.ts';

/** How an engine scores variants. */
export interface ChangePasses<B> {
  /** Asked when the first changes come; undefined where the engine or the net has full passes only. */
  plan(): ChangePlan | undefined;
  /** @param images [n, H, W, C] */
  full(images: Float32Array): Promise<Prediction>;
  /** What changes of an image [H, W, C] are read into. */
  base(changes: ChangePlan, image: Float32Array): Promise<B>;
  /** @returns scores of the members, which are positions among the variants, of one group */
  changed(changes: ChangePlan, base: B, batch: ChangeBatch): Promise<Prediction>;
}

export interface ChangeBatch {
  readonly variants: DifferentVariants;
  readonly group: ChangeGroup;
  readonly members: readonly number[];
}

/** What is kept of the image asked for last: windows come in many calls. */
interface LastImage<B> {
  readonly image: Float32Array;
  base?: Promise<B>;
  scores?: Promise<Prediction>;
}

/** Scores variants of an image batch by batch: what changes alone where that is little of the net, else all of it. */
export class ChangeScorer<B> {
  /** Once asked for. */
  private known: { readonly plan: ChangePlan | undefined } | undefined;
  private last: LastImage<B> | undefined;

  constructor(
    private readonly graph: LayerGraph,
    private readonly classes: number,
    private readonly passes: ChangePasses<B>,
  ) {}

  /**
   * @param image [H, W, C], kept: like the windows it must stay as it is
   * @returns [n, N]
   * @throws ExplainError where image or windows do not fit; the signal's reason once it is aborted.
   */
  async predict(image: Float32Array, windows: ChangedWindows, options: ChangeOptions): Promise<Prediction> {
    options.signal?.throwIfAborted();
    checkChanges(this.graph, image, windows, options);
    const variants = new DifferentVariants(this.graph.inputShape, image, windows);
    const last = this.lastOf(image);
    const scores = await this.scoresOf(last, variants, { ...CHANGE_DEFAULTS, ...options });
    const unchanged = variants.unchanged > 0 ? await this.unchanged(last) : undefined;
    const { classes } = this;
    const spread = (of: keyof Prediction): Float32Array => {
      const all = new Float32Array(variants.of.length * classes);
      for (const [window, variant] of variants.of.entries()) {
        const row = scores[of].subarray(variant * classes, (variant + 1) * classes);
        all.set(variant === UNCHANGED ? unchanged![of] : row, window * classes);
      }
      return all;
    };
    return { logits: spread('logits'), probabilities: spread('probabilities') };
  }

  /** Lets go of what is kept of the last image. */
  forget(): void {
    this.last = undefined;
  }

  /** Of each different variant, [count, N]. */
  private async scoresOf(
    last: LastImage<B>,
    variants: DifferentVariants,
    { batch, mostShare, signal }: ChangeOptions & Record<keyof typeof CHANGE_DEFAULTS, number>,
  ): Promise<Prediction> {
    const { classes } = this;
    const logits = new Float32Array(variants.count * classes);
    const probabilities = new Float32Array(variants.count * classes);
    const take = (members: readonly number[], scores: Prediction): void => {
      for (const [at, member] of members.entries()) {
        const part = [at * classes, (at + 1) * classes] as const;
        logits.set(scores.logits.subarray(...part), member * classes);
        probabilities.set(scores.probabilities.subarray(...part), member * classes);
      }
    };
    const dueTurn = turnsFor(signal);
    this.known ??= { plan: this.passes.plan() };
    const changes = this.known.plan;
    const groups = (changes?.groups(variants, batch / 2) ?? []).filter(({ share }) => share < mostShare);
    if (changes !== undefined && groups.length > 0) {
      const base = await this.base(last, changes);
      for (const group of groups) {
        // As many as take the work of a batch of whole images.
        for (const members of evenChunks(group.members, Math.ceil(batch / group.share))) {
          take(members, await this.passes.changed(changes, base, { variants, group, members }));
          await dueTurn();
        }
      }
    }
    const done = new Set(groups.flatMap(({ members }) => members));
    const others = Array.from(variants.boxes.keys()).filter((variant) => !done.has(variant));
    for (const members of evenChunks(others, batch)) {
      take(members, await this.passes.full(variants.wholeImages(members)));
      await dueTurn();
    }
    return { logits, probabilities };
  }

  private lastOf(image: Float32Array): LastImage<B> {
    if (this.last === undefined || !equalValues(this.last.image, image)) this.last = { image };
    return this.last;
  }

  private base(last: LastImage<B>, changes: ChangePlan): Promise<B> {
    last.base ??= this.passes.base(changes, last.image);
    // What failed once may not fail again.
    last.base.catch(() => delete last.base);
    return last.base;
  }

  private unchanged(last: LastImage<B>): Promise<Prediction> {
    last.scores ??= this.passes.full(last.image);
    last.scores.catch(() => delete last.scores);
    return last.scores;
  }
}

function equalValues(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
