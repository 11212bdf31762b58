const REST_MILLISECONDS = 200;

/** A job that runs once nobody has asked for it for a while: not between the maps that follow a pen, but after them. */
export function atRest(job: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(job, REST_MILLISECONDS);
  };
}
