import { SiteError } from '../errors.ts';

/** @throws SiteError with what to do, where the file cannot be had. */
export async function fetchBytes(address: string): Promise<ArrayBuffer> {
  let response: Response;
  try {
    response = await fetch(address);
  } catch (cause) {
    throw new SiteError({
      asked: `the file ${address}`,
      got: navigator.onLine ? 'no answer' : 'no network',
      remedy: 'Go online and try again; another site must allow this one to read its files (CORS).',
      cause,
    });
  }
  const isPage = response.headers.get('content-type')?.startsWith('text/html');
  if (response.ok && !isPage) return response.arrayBuffer();
  throw new SiteError({
    asked: `the file ${address}`,
    got: response.ok ? 'a web page in its place' : `the answer ${response.status}`,
    remedy: 'Check the address: it is that of a folder that holds model.json.',
  });
}
