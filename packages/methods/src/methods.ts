import type { BackProjectionRule } from '@clearmaps/deconvnet/graph';
import { byRule } from './by-rule.ts';
import { cam } from './cam.ts';
import { gradCam } from './grad-cam.ts';
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
    family: 'back-projection',
    paper: 'Kumar, Wong & Taylor 2017 (CLEAR), equation 3 as written',
    promises: 'linear in the seed: the maps of all classes add up to the map of all kernels',
    fails: 'ignores which ReLUs were shut, so noise covers the picture',
  }),
  deconvnet: byRule('deconvnet', {
    family: 'back-projection',
    paper: 'Zeiler & Fergus 2014, section 2.1',
    promises: 'positive evidence traced back through the switches of the pooling',
    fails: 'follows the picture more than the class where the net has no max pooling',
  }),
  gradient: byRule('gradient', {
    family: 'back-projection',
    paper: 'Simonyan, Vedaldi & Zisserman 2013, section 4',
    promises: 'the derivative of the seeded map, signed; with `seed` unit, of the logit times its places',
    fails: 'noisy; near 0 where a ReLU is saturated',
  }),
  guided: byRule('guided', {
    family: 'back-projection',
    paper: 'Springenberg, Dosovitskiy, Brox & Riedmiller 2014, section 3.4; the rule unless told',
    promises: 'the cleanest pictures of the rules: positive evidence through open ReLUs',
    fails: 'shows edges of the picture whatever the weights are (Adebayo et al. 2018)',
  }),
  'lrp-epsilon': byRule('lrp-epsilon', {
    family: 'relevance propagation',
    paper: 'Bach et al. 2015, equation 58',
    promises:
      'shares the score out layer by layer in proportion to what each input gave; loses only to biases and epsilon',
    fails: 'noisy, much like gradient times input; large where contributions cancel',
  }),
  'lrp-gamma': byRule('lrp-gamma', {
    family: 'relevance propagation',
    paper: 'Montavon, Binder, Lapuschkin, Samek & Muller 2019, section 10.2',
    promises: 'as lrp-epsilon, with positive weights made heavier: calmer maps that keep evidence against',
    fails: 'a number to choose; the larger it is, the less the classes differ',
  }),
  'lrp-alpha2beta1': byRule('lrp-alpha2beta1', {
    family: 'relevance propagation',
    paper: 'Bach et al. 2015, equation 60',
    promises:
      'positive and negative contributions apart, twice the first minus the second: relevance is conserved',
    fails: 'sparse and harsh; the sign pattern is made by the rule as much as by the net',
  }),
  'lrp-zplus': byRule('lrp-zplus', {
    family: 'relevance propagation',
    paper: 'Montavon, Lapuschkin, Binder, Samek & Muller 2017, section 4',
    promises: 'positive contributions alone: relevance is conserved and never changes its sign',
    fails: 'says nothing against a class; maps of the classes look alike',
  }),
  'deep-taylor': byRule('deep-taylor', {
    family: 'relevance propagation',
    paper: 'Montavon, Lapuschkin, Binder, Samek & Muller 2017',
    promises: 'z+, and z-box where the image comes in: a Taylor expansion of each layer at a root point',
    fails: 'as lrp-zplus; black pixels get a share too',
  }),
  'lrp-epsilon-plus-flat': byRule('lrp-epsilon-plus-flat', {
    family: 'relevance propagation',
    paper: 'Kohlbrenner et al. 2020, section 3',
    promises:
      'z+ in convolutions, epsilon in dense layers, flat at the image: objects found at coarse resolution',
    fails: 'what reaches the first layer is smeared over its windows',
  }),
  'lrp-epsilon-gamma-box': byRule('lrp-epsilon-gamma-box', {
    family: 'relevance propagation',
    paper: 'Montavon, Binder, Lapuschkin, Samek & Muller 2019, section 10.3',
    promises: 'gamma in convolutions, epsilon in dense layers, z-box at the image',
    fails: 'needs bounds on the pixels; a number to choose',
  }),
  saliency,
  'gradient-x-input': byRule('gradient-x-input', {
    family: 'gradients',
    paper: 'Shrikumar, Greenside, Shcherbina & Kundaje 2016, section 2',
    promises:
      'x times the derivative of the logit times its places; adds up to these where the net has no biases',
    fails: 'is 0 wherever the input is 0, so a dark background never speaks; noisy as the gradient is',
    seed: 'unit',
  }),
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
