import type { ClassPalette } from '@clearmaps/colormap';
import { htmlEscape } from 'escape-goat';
import { classLegend, htmlPage } from '../html-page.ts';
import type { Figure } from './figure.ts';

/** A figure with its picture as a PNG file. */
export interface PrintedFigure extends Omit<Figure, 'raster'> {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly palette: ClassPalette;
  /** In the order of the palette. */
  readonly classNames: readonly string[];
}

/** One HTML page that holds its pictures. */
export function reportPage(figures: readonly PrintedFigure[], notes: readonly string[]): string {
  const sections = figures.map(
    ({
      number,
      title,
      caption,
      png,
      width,
      height,
      alt,
      readings,
      palette,
      classNames,
      classes,
    }) => `<section aria-labelledby="figure-${number}-title">
<h2 id="figure-${number}-title">${htmlEscape(`Figure ${number}. ${title}`)}</h2>
<figure id="figure-${number}">
  <div class="picture"><img src="data:image/png;base64,${Buffer.from(png).toString('base64')}" width="${width}" height="${height}" alt="${htmlEscape(alt)}"></div>
  <figcaption>${htmlEscape(caption)}</figcaption>
  ${classes.length > 0 ? classLegend(palette, classNames, classes) : ''}
  ${readings.length > 0 ? `<h3>What the maps of the wrong decisions support</h3>\n  <ul>${readings.map((reading) => `<li>${htmlEscape(reading)}</li>`).join('')}</ul>` : ''}
</figure>
</section>`,
  );
  return htmlPage({
    title: TITLE,
    heading: TITLE,
    style: `h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
figure ul { margin: .25rem 0 0; columns: 24rem; padding-left: 1.2rem; }
/* Two examples abreast are so wide that at the width of other sheets their letters are 6 pixels high on a phone. */
@media (max-width: 45rem) { .picture img { max-width: none; } }
`,
    body: [...notes.map((note) => `<p class="muted">${htmlEscape(note)}</p>`), ...sections].join('\n'),
  });
}

const TITLE = 'The figures of the CLEAR paper, made anew';
