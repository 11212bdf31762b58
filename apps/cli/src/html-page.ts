import { type ClassPalette, classHex } from '@clearmaps/colormap';
import { htmlEscape } from 'escape-goat';

/** How the pages of the command line look, light and dark. */
const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1d1d1f; --muted: #5c5c63; --page: #f4f4f6; --card: #fff; --line: #d8d8de; --right: #0a6b3b; --wrong: #a8321a; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf0; --muted: #a5a5ae; --page: #17171a; --card: #212126; --line: #3a3a42; --right: #5fd39a; --wrong: #ff9b80; } }
body { margin: 0 auto; max-width: 84rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { margin: 0 0 .5rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; }
p { max-width: 46rem; }
.muted { color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.1rem; list-style: none; margin: 1rem 0; padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.swatch { width: 1rem; height: 1rem; border-radius: .25rem; border: 1px solid rgb(0 0 0 / .25); }
figure { margin: 0 0 1.25rem; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
figure img { display: block; max-width: 100%; height: auto; border-radius: .4rem; }
figcaption { margin-top: .7rem; }
/* On a phone a whole sheet has letters too small to read: it scrolls sideways instead. */
@media (max-width: 45rem) { figure > a, .picture { display: block; overflow-x: auto; } figure img { max-width: 44rem; } }
.verdict { font-weight: 650; }
.verdict.right { color: var(--right); }
.verdict.wrong { color: var(--wrong); }
`;

const PAPER =
  'Method: D. Kumar, A. Wong, G. W. Taylor, Explaining the Unexplained: A CLass-Enhanced Attentive Response (CLEAR) Approach to Understanding Deep Neural Networks, 2017, arXiv:1704.04133.';

export interface HtmlPage {
  /** Of the window, as text. */
  readonly title: string;
  /** As text. */
  readonly heading: string;
  /** CSS beside that of all pages. */
  readonly style: string;
  /** As HTML. */
  readonly body: string;
}

/** A whole page: no script, nothing fetched from elsewhere. */
export function htmlPage({ title, heading, style, body }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${htmlEscape(title)}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
<h1>${htmlEscape(heading)}</h1>
${body}
<p class="muted">${PAPER}</p>
</body>
</html>
`;
}

/** A list of class colours with their names; of all classes unless told. */
export function classLegend(
  palette: ClassPalette,
  classNames: readonly string[],
  classes: readonly number[] = Array.from(classNames.keys()),
): string {
  const swatches = classes.map(
    (c) =>
      `<li><span class="swatch" style="background:${classHex(palette, c)}"></span>${htmlEscape(classNames[c]!)}</li>`,
  );
  return `<ul class="legend" aria-label="Class colours">${swatches.join('')}</ul>`;
}
