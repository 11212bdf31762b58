import { DOMParser, ParseError } from '@xmldom/xmldom';
import { DatasetError } from '../errors.ts';

/** The pixels of a picture that one dog takes: from `left` up to but not including `right`, likewise down. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * The boxes of an annotation of Stanford Dogs, which is XML in the layout of PASCAL VOC: a `bndbox` a dog with the
 * first and last pixel of each axis.
 *
 * @returns the largest first
 * @throws DatasetError for text that is no XML, no box at all, and boxes without area or with other than whole numbers.
 */
export function readDogBoxes(xml: string, asked: string): readonly Box[] {
  const boxes = Array.from(parse(xml, asked).getElementsByTagName('bndbox'), (element) => {
    const [left, top, last, lowest] = ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => {
      const text = element.getElementsByTagName(name).item(0)?.textContent?.trim() ?? '';
      return /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    }) as [number, number, number, number];
    if (last >= left && lowest >= top) return { left, top, right: last + 1, bottom: lowest + 1 };
    throw new DatasetError({
      asked: `${asked}: box`,
      got: `x ${left}..${last}, y ${top}..${lowest}`,
      allowed: 'whole numbers, the first no larger than the last',
    });
  });
  if (boxes.length > 0) return boxes.sort((a, b) => area(b) - area(a));
  throw new DatasetError({ asked: `${asked}: box of a dog`, got: 'none', allowed: 'at least one bndbox' });
}

function parse(xml: string, asked: string): ReturnType<DOMParser['parseFromString']> {
  try {
    return new DOMParser({
      onError: (level, message) => {
        if (level !== 'warning') throw new ParseError(message);
      },
    }).parseFromString(xml, 'text/xml');
  } catch (cause) {
    throw new DatasetError({
      asked,
      got: (cause as Error).message,
      allowed: 'an XML annotation in the layout of PASCAL VOC',
      cause,
    });
  }
}

function area({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}
