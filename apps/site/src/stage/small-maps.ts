import type { ClearMapElement } from '@clearmaps/element';
import { afterPaint } from '../after-paint.ts';
import { atRest } from '../at-rest.ts';
import { Turns } from '../turns.ts';

/**
 * Keeps maps in step with the state that are not the one by which a visitor draws: those in view once that one has
 * been painted, the others when the pen rests or they come into view.
 */
export class SmallMaps {
  private maps: readonly ClearMapElement[] = [];
  private readonly turns = new Turns();
  private readonly inView = new Set<Element>();
  private readonly observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.inView.add(target);
      else this.inView.delete(target);
    }
    this.fillInView();
  });
  private readonly fillInView = afterPaint(() => this.fill(this.maps.filter((map) => this.inView.has(map))));
  private readonly fillAll = atRest(() => this.fill(this.maps));

  /** @param properties what they have in common now */
  constructor(private readonly properties: () => Partial<ClearMapElement>) {}

  /** These from now on, in place of those before. */
  show(maps: readonly ClearMapElement[]): void {
    this.observer.disconnect();
    this.inView.clear();
    this.maps = maps;
    for (const map of maps) this.observer.observe(map);
  }

  update(): void {
    this.fillInView();
    this.fillAll();
  }

  private fill(maps: readonly ClearMapElement[]): void {
    const properties = this.properties();
    void this.turns.take(maps.map((map) => () => Object.assign(map, properties).updateComplete));
  }
}
