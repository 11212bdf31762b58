import { GraphError, UnsupportedLayerError } from '@clearmaps/deconvnet';
import { describe, expect, it } from 'vitest';
import { graphFromLayersModel, ModelFileError, SUPPORTED_KERAS_LAYERS } from '../src/index.ts';

type Json = Record<string, unknown>;

const CONV = {
  class_name: 'Conv2D',
  config: { name: 'c', filters: 2, kernel_size: [1, 1], activation: 'relu', padding: 'same' },
};
const POOL = { class_name: 'GlobalAveragePooling2D', config: { name: 'g' } };
const INPUT = { class_name: 'InputLayer', config: { name: 'data', batch_input_shape: [null, 2, 2, 1] } };

/** A Sequential model whose conv `c` has the kernel [1, 2] and the bias [3, 4]. */
function sequential(layers: unknown[], more: Json = {}) {
  return {
    modelTopology: { class_name: 'Sequential', config: { name: 'net', layers } },
    weightSpecs: [
      { name: 'c/kernel', shape: [1, 1, 1, 2], dtype: 'float32' },
      { name: 'c/bias', shape: [2], dtype: 'float32' },
    ],
    weightData: Float32Array.from([1, 2, 3, 4]).buffer,
    ...more,
  };
}

const node = (...sources: string[]) => [sources.map((source) => [source, 0, 0, {}])];

function functional(layers: Json[], more: Json = {}) {
  const config = {
    name: 'net',
    layers,
    input_layers: [['data', 0, 0]],
    output_layers: [['g', 0, 0]],
    ...more,
  };
  return { ...sequential([]), modelTopology: { class_name: 'Model', config } };
}
const DATA = { ...INPUT, name: 'data', inbound_nodes: [] };
const C = { ...CONV, name: 'c', inbound_nodes: node('data') };
const G = { ...POOL, name: 'g', inbound_nodes: node('c') };

const names = (file: object) => graphFromLayersModel(file).layers.map((layer) => layer.name);
const withConfig = (layer: { class_name: string; config: object }, config: Json) => ({
  ...layer,
  config: { ...layer.config, ...config },
});

describe('topologies', () => {
  it('may be Sequential with an InputLayer, with a batch shape in the first layer, or a bare list of layers', () => {
    const first = withConfig(CONV, { batch_input_shape: [null, 2, 2, 1] });
    const bare = { class_name: 'Sequential', config: [first, POOL] };
    for (const file of [
      sequential([INPUT, CONV, POOL]),
      sequential([first, POOL]),
      sequential([], { modelTopology: bare }),
    ]) {
      const graph = graphFromLayersModel(file);
      expect(graph.inputShape).toEqual([2, 2, 1]);
      expect(graph.layers.map(({ name, inputs }) => [name, ...inputs])).toEqual([
        ['c', 'input'],
        ['c_relu', 'c'],
        ['g', 'c_relu'],
      ]);
    }
  });

  it('may lie inside model_config, as the Keras converter writes them', () => {
    const { modelTopology, ...rest } = functional([DATA, C, G]);
    const file = { ...rest, modelTopology: { keras_version: '2.4.0', model_config: modelTopology } };
    expect(names(file)).toEqual(['c', 'c_relu', 'g']);
  });

  it('may have the node lists of Keras 3', () => {
    const tensor = (source: string) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 2, 2, 1], dtype: 'float32', keras_history: [source, 0, 0] },
    });
    const layers = [
      {
        name: 'data',
        class_name: 'InputLayer',
        config: { name: 'data', batch_shape: [null, 2, 2, 1] },
        inbound_nodes: [],
      },
      { ...C, inbound_nodes: [{ args: [tensor('data')], kwargs: {} }] },
      {
        name: 'sum',
        class_name: 'Add',
        config: { name: 'sum' },
        inbound_nodes: [{ args: [[tensor('c'), tensor('c')]], kwargs: {} }],
      },
      { ...G, inbound_nodes: [{ args: [tensor('sum')], kwargs: {} }] },
    ];
    const file = functional(layers, { input_layers: ['data', 0, 0], output_layers: ['g', 0, 0] });
    const graph = graphFromLayersModel(file);
    expect(graph.layers.find((layer) => layer.name === 'sum')?.inputs).toEqual(['c_relu', 'c_relu']);
  });

  it('may hold layers that the output does not need', () => {
    const idle = {
      name: 'idle',
      class_name: 'Attention',
      config: { name: 'idle' },
      inbound_nodes: node('c'),
    };
    expect(names(functional([DATA, C, idle, G]))).toEqual(['c', 'c_relu', 'g']);
  });

  it('may be thousands of layers deep', () => {
    const chain = Array.from({ length: 3000 }, (_, i) => ({
      name: `d${i}`,
      class_name: 'Dropout',
      config: { name: `d${i}`, rate: 0 },
      inbound_nodes: node(i === 0 ? 'c' : `d${i - 1}`),
    }));
    const layers = [G, ...chain.reverse(), C, DATA].map((layer) =>
      layer.name === 'g' ? { ...layer, inbound_nodes: node('d2999') } : layer,
    );
    expect(names(functional(layers)).slice(-2)).toEqual(['d2999', 'g']);
  });
});

describe('unsupported models', () => {
  it.each<[string, object, RegExp]>([
    [
      'an unknown layer type',
      sequential([INPUT, CONV, { class_name: 'Attention', config: { name: 'dense_3' } }]),
      /layer "dense_3": got type Attention; allowed: InputLayer, Conv2D, DepthwiseConv2D/,
    ],
    [
      'a layer type called like a property of every object',
      sequential([INPUT, CONV, { class_name: 'constructor', config: { name: 'x' } }]),
      /layer "x": got type constructor/,
    ],
    [
      'a mask',
      sequential([INPUT, { class_name: 'Masking', config: { name: 'm', mask_value: 0 } }, CONV]),
      /layer "m": got type Masking/,
    ],
    [
      'a shared layer',
      functional([DATA, { ...C, inbound_nodes: [...node('data'), ...node('data')] }, G]),
      /layer "c" \(Conv2D\): got a shared layer, used in 2 places/,
    ],
    [
      'the second call of a layer',
      functional([DATA, C, { ...G, inbound_nodes: [[['c', 1, 0, {}]]] }]),
      /layer "g" .*got call 1, output 0 of "c"/,
    ],
    [
      'two inputs',
      functional([DATA, C, G], {
        input_layers: [
          ['data', 0, 0],
          ['c', 0, 0],
        ],
      }),
      /input_layers: got 2: "data", "c"; allowed: one/,
    ],
    [
      'a second InputLayer that the model does not list',
      functional([DATA, { ...DATA, name: 'other' }, { ...C, inbound_nodes: node('other') }, G]),
      /layer "other": got a second input/,
    ],
    [
      'two outputs',
      functional([DATA, C, G], {
        output_layers: [
          ['g', 0, 0],
          ['c', 0, 0],
        ],
      }),
      /output_layers: got 2: "g", "c"/,
    ],
    [
      'channels first',
      sequential([INPUT, withConfig(CONV, { data_format: 'channels_first' }), POOL]),
      /layer "c" \(Conv2D\), data_format: got "channels_first"; allowed: "channels_last"/,
    ],
    [
      'another activation',
      sequential([INPUT, withConfig(CONV, { activation: 'swish' }), POOL]),
      /activation: got "swish"; allowed: "relu", "relu6", "softmax", "linear"/,
    ],
    [
      'a ReLU with a ceiling of its own',
      sequential([INPUT, CONV, { class_name: 'ReLU', config: { name: 'r', max_value: 4 } }]),
      /layer "r" \(ReLU\), max_value: got 4; allowed: 6/,
    ],
    [
      'a reshape that moves values',
      sequential([INPUT, CONV, { class_name: 'Reshape', config: { name: 'r', target_shape: [4, 2] } }]),
      /layer "r" \(Reshape\), target_shape: got \[4,2\]; allowed: \[8\]/,
    ],
    [
      'several unknown layer types',
      sequential([
        INPUT,
        { class_name: 'LSTM', config: { name: 'l' } },
        CONV,
        { class_name: 'Attention', config: { name: 'a' } },
      ]),
      /2 layers: got "l" \(LSTM\), "a" \(Attention\); allowed: InputLayer, Conv2D/,
    ],
    [
      'concatenation of rows',
      functional([
        DATA,
        C,
        {
          name: 'cat',
          class_name: 'Concatenate',
          config: { name: 'cat', axis: 1 },
          inbound_nodes: node('c', 'c'),
        },
        { ...G, inbound_nodes: node('cat') },
      ]),
      /layer "cat" \(Concatenate\), axis: got 1; allowed: -1 or 3/,
    ],
  ])('with %s name the layer and what is supported', (_, file, message) => {
    expect(() => graphFromLayersModel(file)).toThrow(UnsupportedLayerError);
    expect(() => graphFromLayersModel(file)).toThrow(message);
  });

  it('list every type that is supported', () => {
    const file = sequential([INPUT, { class_name: 'LSTM', config: { name: 'l' } }]);
    expect(() => graphFromLayersModel(file)).toThrow(SUPPORTED_KERAS_LAYERS.join(', '));
    expect(SUPPORTED_KERAS_LAYERS).toHaveLength(21);
  });
});

describe('broken model files', () => {
  it.each<[string, object, RegExp]>([
    ['no topology', { weightSpecs: [], weightData: new ArrayBuffer(0) }, /modelTopology: got nothing/],
    ['a graph model', { format: 'graph-model' }, /format of the model: got "graph-model".*tfjs_layers_model/],
    ['another class', { modelTopology: { class_name: 'RNN' } }, /class_name: got "RNN"; allowed: Sequential/],
    ['no layers', sequential([]), /layers: got none/],
    ['no input shape', sequential([CONV, POOL]), /layer "c": batch_input_shape: got nothing/],
    [
      'an open input size',
      sequential([withConfig(INPUT, { batch_input_shape: [null, null, null, 3] }), CONV, POOL]),
      /got \[null,null,null,3\].*fixed input size/,
    ],
    [
      'two layers of one name',
      sequential([INPUT, CONV, CONV, POOL]),
      /layer "c": got two layers of this name/,
    ],
    [
      'a layer without a config',
      sequential([INPUT, { class_name: 'Conv2D' }]),
      /layers\[1\]\.config: got nothing/,
    ],
    [
      'a source that is not there',
      functional([DATA, { ...C, inbound_nodes: node('ghost') }, G]),
      /layer "c" .*inbound_nodes: got "ghost", which no layer is called/,
    ],
    [
      'a cycle',
      functional([DATA, { ...C, inbound_nodes: node('g') }, G]),
      /layer "c" .*inbound_nodes: got "g", which depends on this layer; allowed: no cycle/,
    ],
    [
      'a layer without sources',
      functional([DATA, { ...C, inbound_nodes: [] }, G]),
      /"c" .*inbound_nodes: got none/,
    ],
    [
      'an output that is not there',
      functional([DATA, C, G], { output_layers: [['x', 0, 0]] }),
      /output_layers: got "x"/,
    ],
    [
      'a kernel size in words',
      sequential([INPUT, withConfig(CONV, { kernel_size: 'big' }), POOL]),
      /"c" \(Conv2D\), kernel_size/,
    ],
    [
      'a padding that is none',
      sequential([INPUT, withConfig(CONV, { padding: 'causal' }), POOL]),
      /padding: got "causal"; allowed: "same", "valid"/,
    ],
    [
      'fewer filters than the kernel has',
      sequential([INPUT, withConfig(CONV, { filters: 3 }), POOL]),
      /layer "c" \(Conv2D\), kernel: got float32 \[1, 1, 1, 2\]; allowed: float32 \[1, 1, any, 3\]/,
    ],
    [
      'a bias that the topology denies',
      sequential([INPUT, withConfig(CONV, { use_bias: false }), POOL]),
      /layer "c" \(Conv2D\), use_bias: got false, and a bias among the weights/,
    ],
    [
      'a layer without weights',
      sequential([INPUT, withConfig(CONV, { name: 'd' }), POOL]),
      /layer "d" \(Conv2D\), kernel: got no weight "d\/kernel"/,
    ],
  ])('with %s are refused with the place', (_, file, message) => {
    expect(() => graphFromLayersModel(file)).toThrow(ModelFileError);
    expect(() => graphFromLayersModel(file)).toThrow(message);
  });

  it('whose layers do not fit each other give the GraphError of the graph', () => {
    const file = sequential([withConfig(INPUT, { batch_input_shape: [null, 2, 2, 3] }), CONV, POOL]);
    expect(() => graphFromLayersModel(file)).toThrow(GraphError);
    expect(() => graphFromLayersModel(file)).toThrow(
      /"c" \(conv2d\), kernel: got 1 input channels; allowed: 3/,
    );
  });
});

describe('weight names', () => {
  it.each([
    ['c/kernel:0', 'c/bias:0'],
    ['model/c/kernel', 'model/c/bias'],
    ['c/cell/kernel', 'c/cell/bias'],
  ])('may be %s, as TensorFlow writes them', (kernel, bias) => {
    const weightSpecs = [
      { name: kernel, shape: [1, 1, 1, 2], dtype: 'float32' },
      { name: bias, shape: [2], dtype: 'float32' },
    ];
    const [conv] = graphFromLayersModel(sequential([INPUT, CONV, POOL], { weightSpecs })).layers;
    expect(conv).toMatchObject({ bias: { values: Float32Array.from([3, 4]) } });
  });

  it('that two weights could answer to are refused', () => {
    const weightSpecs = ['a/c/kernel', 'b/c/kernel'].map((name) => ({ name, shape: [2], dtype: 'float32' }));
    expect(() => graphFromLayersModel(sequential([INPUT, CONV, POOL], { weightSpecs }))).toThrow(
      /several candidates: "a\/c\/kernel", "b\/c\/kernel"/,
    );
  });
});
