export { type ExternalData, type ExternalFile, externalFilesOf } from './external-data.ts';
export { graphFromOnnx, type ReadOnnxOptions, SUPPORTED_ONNX_OPERATORS } from './graph-from-onnx.ts';
