/** A job that runs after the next frame has been painted, once, however often it is asked for before. */
export function afterPaint(job: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() =>
      setTimeout(() => {
        asked = false;
        job();
      }),
    );
  };
}
