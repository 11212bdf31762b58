import type { BackProjectionRule } from '@clearmaps/deconvnet/graph';
import { byRule } from './by-rule.ts';
import { cam } from './cam.ts';
import { gradCam } from './grad-cam.ts';
import { gradientTimesInput } from './gradient-times-input.ts';
import { guidedGradCam } from './guided-grad-cam.ts';
import { integratedGradients } from './integrated-gradients.ts';
import type { Method } from './method.ts';
import { occlusion } from './occlusion.ts';
import { predictionDifference } from './prediction-difference.ts';
import { saliency } from './saliency.ts';
import { smoothGrad } from './smooth-grad.ts';

/** Every way to get R(x|c), by the name under which callers and the command line ask for it. */
export const METHODS = {
  linear: byRule('linear', {
    paper: 'Kumar, Wong & Taylor 2017 (CLEAR), equation 3 as written',
    promises: 'linear in the seed: the maps of all classes add up to the map of all kernels',
    fails: 'ignores which ReLUs were shut, so noise covers the picture',
  }),
  deconvnet: byRule('deconvnet', {
    paper: 'Zeiler & Fergus 2014, section 2.1',
    promises: 'positive evidence traced back through the switches of the pooling',
    fails: 'follows the picture more than the class where the net has no max pooling',
  }),
  gradient: byRule('gradient', {
    paper: 'Simonyan, Vedaldi & Zisserman 2013, section 4',
    promises: 'the derivative of the seeded map, signed; with `seed` unit, of the logit times its places',
    fails: 'noisy; near 0 where a ReLU is saturated',
  }),
  guided: byRule('guided', {
    paper: 'Springenberg, Dosovitskiy, Brox & Riedmiller 2014, section 3.4; the rule unless told',
    promises: 'the cleanest pictures of the rules: positive evidence through open ReLUs',
    fails: 'shows edges of the picture whatever the weights are (Adebayo et al. 2018)',
  }),
  saliency,
  'gradient-times-input': gradientTimesInput,
  'smooth-grad': smoothGrad,
  'integrated-gradients': integratedGradients,
  cam,
  'grad-cam': gradCam,
  'guided-grad-cam': guidedGradCam,
  occlusion,
  pda: predictionDifference,
} satisfies Record<BackProjectionRule, Method> & Record<string, Method>;

export type MethodName = keyof typeof METHODS;

export const METHOD_NAMES = Object.keys(METHODS) as readonly MethodName[];
