import {
  type FeatureMap,
  findFeatureMap,
  GraphError,
  type LayerGraph,
  layerCost,
  type Preprocessing,
  validateGraph,
} from '@clearmaps/deconvnet/graph';
import type { Command } from 'commander';
import { loadModel } from '../model-source.ts';
import { printJson, printLine, type Terminal } from '../terminal.ts';

export function inspectCommand(program: Command, terminal: Terminal): void {
  program
    .command('inspect')
    .description('print the layers of a model, what they cost, and what CLEAR can do with them')
    .argument('<model>', 'bundled name, model.json, folder, .h5, .onnx or .safetensors file')
    .option('--json', 'print the result as JSON', false)
    .addHelpText(
      'after',
      `
Examples:
  clearmaps inspect mnist
  clearmaps inspect resnet18.onnx --json`,
    )
    .action(async (model: string, flags: { readonly json: boolean }) => {
      const report = inspectGraph(await loadModel(model));
      if (flags.json) printJson(terminal, report);
      else for (const line of describe(report)) printLine(terminal, line);
    });
}

interface LayerReport {
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: readonly number[];
  readonly parameters: number;
  readonly multiplyAdds: number;
}

interface ModelReport {
  readonly name: string;
  readonly input: readonly number[];
  readonly layers: readonly LayerReport[];
  readonly parameters: number;
  /** Of one forward pass on one image. */
  readonly multiplyAdds: number;
  readonly classes: number | null;
  readonly classNames: readonly string[] | null;
  readonly preprocessing: Preprocessing | null;
  readonly preprocessingAssumed: boolean;
  readonly featureMap: FeatureMap | null;
  readonly clear: string;
}

function inspectGraph(graph: LayerGraph): ModelReport {
  const shapes = validateGraph(graph);
  const layers = graph.layers.map((layer): LayerReport => {
    const { name, type, inputs } = layer;
    const output = shapes.get(name)!;
    return { name, type, inputs, output, ...layerCost(layer, output) };
  });
  const total = (field: 'parameters' | 'multiplyAdds') =>
    layers.reduce((sum, layer) => sum + layer[field], 0);
  const found = featureMapOf(graph);
  return {
    name: graph.name,
    input: graph.inputShape,
    layers,
    parameters: total('parameters'),
    multiplyAdds: total('multiplyAdds'),
    classes: 'layer' in found ? found.shape[2] : null,
    classNames: graph.classNames ?? null,
    preprocessing: graph.preprocessing ?? null,
    preprocessingAssumed: graph.preprocessingAssumed ?? false,
    featureMap: 'layer' in found ? found : null,
    clear: 'layer' in found ? abilities(found) : `No class evidence: ${found.message}`,
  };
}

function featureMapOf(graph: LayerGraph): FeatureMap | GraphError {
  try {
    return findFeatureMap(graph, validateGraph(graph));
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw error;
  }
}

function abilities({ shape: [height, width] }: FeatureMap): string {
  const places = height * width;
  if (places > 1) return `Maps of every class, from ${height}x${width} places of evidence each.`;
  return 'Maps of every class; the scores are one place, so that the layers before them alone tell where.';
}

function describe(report: ModelReport): string[] {
  const { layers, featureMap } = report;
  const rows = [
    ['layer', 'type', 'output', 'parameters', 'multiply-adds'],
    ['input', '', report.input.join('x'), '', ''],
    ...layers.map((layer) => [
      layer.name + (layer.name === featureMap?.layer ? '  <- z_L' : ''),
      layer.type,
      layer.output.join('x'),
      count(layer.parameters),
      count(layer.multiplyAdds),
    ]),
  ];
  return [
    `${report.name}: ${report.layers.length} layers, ${count(report.parameters) || '0'} parameters, ${count(report.multiplyAdds) || '0'} multiply-adds an image`,
    ...aligned(rows),
    `Classes: ${classesOf(report)}`,
    `Pictures: ${picturesOf(report)}`,
    `CLEAR: ${report.clear}`,
  ];
}

function classesOf({ classes, classNames }: ModelReport): string {
  if (classes === null) return 'none';
  if (!classNames) return `${classes}, without names`;
  return `${classes}: ${classNames.slice(0, 6).join('; ')}${classNames.length > 6 ? '; ...' : ''}`;
}

function picturesOf({ preprocessing, preprocessingAssumed }: ModelReport): string {
  if (preprocessing === null)
    return 'the model does not say; bytes / 255 is assumed, or what a preprocessing.json beside it says';
  const { channels, scale, mean, std, resize, shortSide } = preprocessing;
  const numbers = (values: readonly number[]) =>
    `(${values.map((value) => Number(value.toPrecision(6))).join(', ')})`;
  const size =
    resize === 'stretch' ? 'stretched' : `centre crop${shortSide ? ` of a short side of ${shortSide}` : ''}`;
  const said = `${channels}, byte x ${Number(scale.toPrecision(6))}, minus ${numbers(mean)}, over ${numbers(std)}; ${size}`;
  if (!preprocessingAssumed) return said;
  return `${said}: torchvision's, assumed, since the model does not say; or what a preprocessing.json beside it says`;
}

/** 123,456 below a million, 12.3 M beyond; nothing for nothing. */
function count(value: number): string {
  if (value === 0) return '';
  if (value < 1e6) return value.toLocaleString('en');
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} M` : `${(value / 1e9).toFixed(2)} G`;
}

/** Names to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
