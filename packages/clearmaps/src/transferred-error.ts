import {
  ExplainError,
  GraphError,
  MissingKernelError,
  UnsupportedLayerError,
} from '@clearmaps/deconvnet/graph';
import { ClearmapsError, type ErrorDetails } from '@clearmaps/errors';
import { PictureError } from '@clearmaps/models';
import { BackendError, ImageError } from './errors.ts';

/** Threads pass errors on without their class: what is needed to make one anew on the other side. */
export interface TransferredError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of a {@link ClearmapsError}. */
  readonly details?: Omit<ErrorDetails, 'cause'>;
}

const CLASSES: Readonly<Record<string, new (details: ErrorDetails) => ClearmapsError>> = {
  BackendError,
  ImageError,
  PictureError,
  ExplainError,
  GraphError,
  MissingKernelError,
  UnsupportedLayerError,
  ClearmapsError,
};

export function packError(error: unknown): TransferredError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  if (!(error instanceof ClearmapsError)) return { name, message, stack };
  const { cause, ...details } = error.details;
  return { name, message, stack, details };
}

export function unpackError({ name, message, stack, details }: TransferredError): Error {
  const known = details && Object.hasOwn(CLASSES, name) ? new CLASSES[name]!(details) : undefined;
  const error = known ?? new Error(message);
  // The thread's own stack tells where it happened.
  if (stack !== undefined) error.stack = stack;
  return error;
}
