import { env } from '@tensorflow/tfjs-core';

/** Where a page finds the binaries: a folder that ends in `/`, or a map from file name to address. */
export type WasmPaths = string | Readonly<Record<string, string>>;

const REMEDY =
  'serve the three .wasm files of @tensorflow/tfjs-backend-wasm/dist there, or name their addresses: wasm({ paths })';

/**
 * Looks at the binary that tfjs will fetch: of one that is something else, most often the HTML page by which servers
 * answer for what they do not have, tfjs only says that WebAssembly failed, and then refuses other paths.
 *
 * @throws Error with the reason the binary cannot be used.
 */
export async function checkWasmFile(paths: WasmPaths): Promise<void> {
  const address = await addressOf(paths);
  const response = await fetch(address).catch((cause: Error) => {
    throw new Error(`${address} cannot be fetched (${cause.message}); ${REMEDY}`, { cause });
  });
  if (response.ok && (await isWasm(response.body!))) return;
  const type = response.headers.get('content-type') ?? '';
  const answer = type.includes('html') ? 'a page of HTML' : type || 'bytes without a content type';
  throw new Error(
    `${address} is no WebAssembly: the server answers ${response.status} with ${answer}; ${REMEDY}`,
  );
}

/** As tfjs chooses it. */
async function addressOf(paths: WasmPaths): Promise<string> {
  const simd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const threads = await env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  const kind = simd ? (threads ? '-threaded-simd' : '-simd') : '';
  const file = `tfjs-backend-wasm${kind}.wasm`;
  if (typeof paths === 'string') return paths + file;
  const address = paths[file];
  if (address !== undefined) return address;
  throw new Error(`paths has no entry for ${file}; ${REMEDY}`);
}

/** By its first bytes, "\0asm"; the rest is left to tfjs. */
async function isWasm(body: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = body.getReader();
  const start: number[] = [];
  while (start.length < 4) {
    const { value, done } = await reader.read();
    if (done) break;
    start.push(...value.subarray(0, 4));
  }
  await reader.cancel();
  return String.fromCharCode(...start.slice(0, 4)) === '\0asm';
}
