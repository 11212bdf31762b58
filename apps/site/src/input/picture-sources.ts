import { byId, createElement } from '../create-element.ts';
import { messageOf, SiteError } from '../errors.ts';
import { droppedFiles } from './dropped-files.ts';
import { holdModel } from './read-model.ts';

/**
 * Ways for a visitor's own picture to come: a file, a drop anywhere on the page, a paste, the camera.
 *
 * @param take gets what came
 * @param takeModel gets dropped files, of a dropped folder all, where one of them is a model
 * @param onProblem gets what went wrong, in words
 */
export function listenForPictures(
  take: (source: Blob | HTMLVideoElement) => Promise<void>,
  takeModel: (files: readonly File[]) => void,
  onProblem: (message: string) => void,
): void {
  const attempt = (source: Blob | HTMLVideoElement): Promise<void> =>
    take(source).catch((error) => onProblem(messageOf(error)));
  const files = byId<HTMLInputElement>('picture-file');
  files.addEventListener('change', () => {
    const file = files.files?.[0];
    if (file) void attempt(file);
    files.value = '';
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    if (!event.dataTransfer) return;
    droppedFiles(event.dataTransfer).then(
      (dropped) => {
        if (holdModel(dropped)) takeModel(dropped);
        else if (dropped[0]) void attempt(dropped[0]);
      },
      (error) => onProblem(messageOf(error)),
    );
  });
  addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (file) void attempt(file);
  });
  byId('picture-camera').addEventListener('click', () => {
    openCamera(attempt).catch((error) => onProblem(messageOf(error)));
  });
}

async function openCamera(take: (video: HTMLVideoElement) => Promise<void>): Promise<void> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch (cause) {
    throw new SiteError({
      asked: 'the camera',
      got: cause instanceof DOMException && cause.name === 'NotAllowedError' ? 'no permission' : 'none',
      remedy: 'Allow it in the address bar, or choose a file.',
      cause,
    });
  }
  const video = createElement('video', { srcObject: stream, autoplay: true, muted: true, playsInline: true });
  const shoot = createElement('button', { type: 'button', class: 'primary' }, 'Take the picture');
  const close = createElement('button', { type: 'button' }, 'Close');
  const dialog = createElement('dialog', { class: 'camera', 'aria-label': 'Camera' }, video, shoot, close);
  shoot.addEventListener('click', () => void take(video).then(() => dialog.close()));
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    for (const track of stream.getTracks()) track.stop();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
}
