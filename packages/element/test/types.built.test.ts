import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const FILE = fileURLToPath(new URL('page.ts', import.meta.url));

/** What the README shows. */
const PAGE = `
  import '@clearmaps/element/define';

  const map = document.querySelector('clear-map')!;
  map.classNames = ['cat', 'dog'];
  map.addEventListener('pixel', ({ detail }) => console.log(detail?.winner, detail?.margin));
  document.body.addEventListener('pixel', ({ detail }) => console.log(detail?.x));
  // @ts-expect-error: no view
  map.view = 'clearly';
`;

test('a page that registers the element knows its properties and its event', () => {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === FILE || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === FILE ? ts.createSourceFile(name, PAGE, version) : getSourceFile(name, version, ...rest);
  const wrong = ts.getPreEmitDiagnostics(ts.createProgram([FILE], options, host));
  expect(wrong.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
});
