import type { ClassPalette } from '@clearmaps/colormap';
import { htmlEscape } from 'escape-goat';
import { classLegend, htmlPage } from './html-page.ts';

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

/** One HTML page that stands beside its sheets. */
export function galleryPage(page: GalleryPage): string {
  const { modelName, classNames, palette, entries, accuracy, settings } = page;
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
  return htmlPage({
    title: `CLEAR maps of ${modelName}`,
    heading: 'Where the net looked, how strongly, and for which class',
    style: '.legend { position: sticky; top: 0; }\n',
    body: `<p>Each sheet explains one decision of the net <strong>${htmlEscape(modelName)}</strong>. In a CLEAR map the colour of a pixel is the class that responds most strongly there, its brightness is how strongly. The heatmap compares the true class (hot) with all others (green); the binary map is the same in two colours.</p>
<p class="muted">${htmlEscape(accuracy)} ${htmlEscape(settings)}</p>
${classLegend(palette, classNames)}
${sections.join('\n')}`,
  });
}

function figure({ sheet, title, reading, right, heldOut, width, height }: GalleryEntry): string {
  const verdict = right ? 'Right' : 'Wrong';
  const seen = heldOut ? '' : ' This digit was among those the net was trained on.';
  return `<figure>
    <a href="${htmlEscape(sheet)}"><img src="${htmlEscape(sheet)}" width="${width}" height="${height}" loading="lazy" alt="${htmlEscape(`${title}. ${reading}`)}"></a>
    <figcaption><span class="verdict ${verdict.toLowerCase()}">${verdict}.</span> ${htmlEscape(`${title}.${seen}`)}</figcaption>
  </figure>`;
}
