import { describe } from 'vitest';
import { webgpu } from '../src/webgpu.ts';
import { webGpuCases } from './webgpu-cases.ts';

describe('webgpu() in a page', () => webGpuCases(webgpu));
