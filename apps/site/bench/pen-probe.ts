/** What the page has noted. Times are milliseconds of `performance.now()`. */
export interface PenNotes {
  /** From a pen's event to the paint of a map that holds it; one a pen event. */
  readonly penToMap: number[];
  /** From a question to the workers until all have answered: forward and the way back of all classes. */
  readonly explanations: number[];
  /** Between two frames. */
  readonly frames: number[];
}

declare global {
  interface Window {
    penNotes: PenNotes;
  }
}

/** Put into the page before its own code. It looks at the page from outside: nothing in the site knows of it. */
export function watchPen(): void {
  const notes: PenNotes = { penToMap: [], explanations: [], frames: [] };
  window.penNotes = notes;

  const asked = new Set<string>();
  let start = 0;
  // Messages as Comlink writes them.
  window.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (asked.delete(data?.id) && asked.size === 0) notes.explanations.push(performance.now() - start);
      });
    }
    override postMessage(message: unknown, transfer?: StructuredSerializeOptions | Transferable[]): void {
      const { id, path } = message as { id: string; path?: string[] };
      if (path?.join() === 'explain') {
        if (asked.size === 0) start = performance.now();
        asked.add(id);
      }
      super.postMessage(message, transfer as Transferable[]);
    }
  };

  /** Pen events that no painted map holds yet, each with the network's input right after it. */
  let pending: { readonly time: number; readonly input: string }[] = [];
  addEventListener('pointermove', (event) => {
    if (event.buttons === 0 || !(event.target as Element).closest?.('#pad')) return;
    const canvas = document.querySelector<HTMLCanvasElement>('#picture')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    pending.push({ time: event.timeStamp, input: data.join() });
  });

  let shown: unknown;
  let before = performance.now();
  const onFrame = (now: number): void => {
    notes.frames.push(now - before);
    before = now;
    const picture = document.querySelector<HTMLElement & { picture?: { data: Uint8ClampedArray } }>(
      '#map',
    )?.picture;
    if (picture && picture !== shown) {
      shown = picture;
      const input = picture.data.join();
      const last = pending.findLastIndex((event) => event.input === input);
      const held = pending.slice(0, last + 1);
      pending = pending.slice(last + 1);
      // The first message after a frame's callbacks comes when it is painted.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        notes.penToMap.push(...held.map(({ time }) => performance.now() - time));
        port1.close();
      };
      port2.postMessage(null);
    }
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
}
