import type { StepReport, TrainRequest } from '@clearmaps/training';
import { duration } from './duration.ts';
import { Progress } from './progress.ts';
import { printLine, type Terminal } from './terminal.ts';

/** Sums over the steps of an epoch. */
interface Sums {
  loss: number;
  right: number;
  images: number;
  seconds: number;
}

/** A bar for each epoch, with the means of its steps so far and the time left of the whole run, and a line after it. */
export class TrainingReporter {
  private bar: Progress | undefined;
  private sums: Sums = { loss: 0, right: 0, images: 0, seconds: 0 };
  private epochs = 0;
  /** Steps of this run and what they took: a resumed run has no other. */
  private readonly run = { steps: 0, seconds: 0, epochs: 0, epochSeconds: 0 };

  constructor(private readonly terminal: Terminal) {}

  readonly callbacks: Required<Pick<TrainRequest, 'onStep' | 'onEpoch'>> = {
    onStep: (report) => {
      const { epoch, epochs, step, stepsPerEpoch, loss, accuracy, images, seconds } = report;
      this.epochs = epochs;
      if (step === 1) this.sums = { loss: 0, right: 0, images: 0, seconds: 0 };
      this.sums.loss += loss * images;
      this.sums.right += accuracy * images;
      this.sums.images += images;
      this.sums.seconds += seconds;
      this.run.steps++;
      this.run.seconds += seconds;
      const says = this.says(report);
      this.bar ??= new Progress(this.terminal, `epoch ${epoch}/${epochs}`, stepsPerEpoch, says);
      this.bar.advance(1, says);
      if (step === stepsPerEpoch) this.stop();
    },
    onEpoch: ({ epoch, loss, heldOutLoss, heldOutAccuracy, seconds }) => {
      this.run.epochs++;
      this.run.epochSeconds += seconds;
      const left = (this.run.epochSeconds / this.run.epochs) * (this.epochs - epoch);
      printLine(
        this.terminal,
        `epoch ${epoch}: loss ${loss.toFixed(4)}, held out ${heldOutLoss.toFixed(4)}, ${(100 * heldOutAccuracy).toFixed(2)} % right, ${seconds.toFixed(0)} s${left > 0 ? `, ${duration(left)} left` : ''}`,
      );
    },
  };

  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private says({ epoch, epochs, step, stepsPerEpoch }: StepReport): string {
    const { loss, right, images, seconds } = this.sums;
    const left = (this.run.seconds / this.run.steps) * ((epochs - epoch + 1) * stepsPerEpoch - step);
    return `loss ${(loss / images).toFixed(3)}, accuracy ${(right / images).toFixed(3)}, ${Math.round(images / seconds)} images/s, ${duration(left)} left`;
  }
}
