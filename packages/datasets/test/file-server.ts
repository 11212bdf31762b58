import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  /** Method, path and Range of each request so far. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that answers as told. */
export async function fileServer(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<FileServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '));
    answer(request, response, requests.length);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Sends bytes as a well-behaved server does, honouring Range and If-Range. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  { etag = '"one"', breakAfter = Number.POSITIVE_INFINITY } = {},
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const ranged = from > 0 && (request.headers['if-range'] ?? etag) === etag;
  const body = ranged ? bytes.subarray(from) : bytes;
  response.writeHead(ranged ? 206 : 200, {
    'content-length': body.length,
    etag,
    ...(ranged && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (breakAfter >= body.length) response.end(body);
  else response.write(body.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
}
