import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '../../../packages/models/test/shared-files.ts';

const photos = sharedFolder('data/dog-photos').path;

/** A net of a thousand classes, and photos of two of its breeds. */
export const SQUEEZENET = sharedFolder('models/squeezenet1.1').path;
export const CHIHUAHUA = join(photos, 'n02085620_Chihuahua.JPEG');
export const JAPANESE_SPANIEL = join(photos, 'n02085782_Japanese_spaniel.JPEG');

/** Says so where one of them is not there; else empty. */
export const absent = [SQUEEZENET, CHIHUAHUA, JAPANESE_SPANIEL].every((path) => existsSync(path))
  ? ''
  : ' [SKIPPED: ../shared has no SqueezeNet or no photos]';
