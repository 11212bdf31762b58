export * from './errors.ts';
export * from './layer-graph.ts';
