import { type ClassPalette, classHex } from '@clearmaps/colormap';
import { htmlEscape } from 'escape-goat';

/** One sheet on the page. */
export interface GalleryEntry {
  /** File name beside the page. */
  readonly sheet: string;
  /** What the decision was, in words. */
  readonly title: string;
  /** What the CLEAR map says, in words. */
  readonly reading: string;
  readonly className: string;
  readonly right: boolean;
  readonly heldOut: boolean;
  readonly width: number;
  readonly height: number;
}

export interface GalleryPage {
  readonly modelName: string;
  readonly classNames: readonly string[];
  readonly palette: ClassPalette;
  readonly entries: readonly GalleryEntry[];
  /** How the net did, and on what, as a sentence. */
  readonly accuracy: string;
  /** Rule, seed, scale, backend. */
  readonly settings: string;
}

/** One HTML page that stands beside its sheets: no script, nothing fetched from elsewhere. */
export function galleryPage(page: GalleryPage): string {
  const { modelName, classNames, palette, entries, accuracy, settings } = page;
  const swatches = classNames.map(
    (name, c) =>
      `<li><span class="swatch" style="background:${classHex(palette, c)}"></span>${htmlEscape(name)}</li>`,
  );
  const sections = classNames.flatMap((name) => {
    const ofClass = entries.filter((entry) => entry.className === name);
    if (ofClass.length === 0) return [];
    return [
      `<section aria-labelledby="class-${htmlEscape(name)}">
  <h2 id="class-${htmlEscape(name)}">Class ${htmlEscape(name)}</h2>
  ${ofClass.map(figure).join('\n  ')}
</section>`,
    ];
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>CLEAR maps of ${htmlEscape(modelName)}</title>
<style>
:root { color-scheme: light dark; --text: #1d1d1f; --muted: #5c5c63; --page: #f4f4f6; --card: #fff; --line: #d8d8de; --right: #0a6b3b; --wrong: #a8321a; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf0; --muted: #a5a5ae; --page: #17171a; --card: #212126; --line: #3a3a42; --right: #5fd39a; --wrong: #ff9b80; } }
body { margin: 0 auto; max-width: 84rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { margin: 0 0 .5rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; }
p { max-width: 46rem; }
.muted { color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.1rem; list-style: none; margin: 1rem 0; padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; position: sticky; top: 0; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.swatch { width: 1rem; height: 1rem; border-radius: .25rem; border: 1px solid rgb(0 0 0 / .25); }
figure { margin: 0 0 1.25rem; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .8rem; }
figure img { display: block; max-width: 100%; height: auto; border-radius: .4rem; }
figcaption { margin-top: .7rem; }
.verdict { font-weight: 650; }
.verdict.right { color: var(--right); }
.verdict.wrong { color: var(--wrong); }
</style>
</head>
<body>
<h1>Where the net looked, how strongly, and for which class</h1>
<p>Each sheet explains one decision of the net <strong>${htmlEscape(modelName)}</strong>. In a CLEAR map the colour of a pixel is the class that responds most strongly there, its brightness is how strongly. The heatmap compares the true class (hot) with all others (green); the binary map is the same in two colours.</p>
<p class="muted">${htmlEscape(accuracy)} ${htmlEscape(settings)}</p>
<ul class="legend" aria-label="Class colours">${swatches.join('')}</ul>
${sections.join('\n')}
<p class="muted">Method: D. Kumar, A. Wong, G. W. Taylor, Explaining the Unexplained: A CLass-Enhanced Attentive Response (CLEAR) Approach to Understanding Deep Neural Networks, 2017, arXiv:1704.04133.</p>
</body>
</html>
`;
}

function figure({ sheet, title, reading, right, heldOut, width, height }: GalleryEntry): string {
  const verdict = right ? 'Right' : 'Wrong';
  const seen = heldOut ? '' : ' This digit was among those the net was trained on.';
  return `<figure>
    <a href="${htmlEscape(sheet)}"><img src="${htmlEscape(sheet)}" width="${width}" height="${height}" loading="lazy" alt="${htmlEscape(`${title}. ${reading}`)}"></a>
    <figcaption><span class="verdict ${verdict.toLowerCase()}">${verdict}.</span> ${htmlEscape(`${title}.${seen}`)}</figcaption>
  </figure>`;
}
