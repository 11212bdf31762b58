import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder or file of research data that lies beside the repository on some machines. */
export function sharedFolder(name: string): { readonly path: string; readonly missing: string } {
  const path = fileURLToPath(new URL(`../../../../shared/${name}`, import.meta.url));
  return { path, missing: existsSync(path) ? '' : ` [SKIPPED: there is no ${path}]` };
}
