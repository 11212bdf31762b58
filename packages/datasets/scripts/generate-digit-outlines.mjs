// Takes the digits 0-9 of the open fonts in digit-fonts.json and writes src/synthetic/digit-outlines.generated.ts and
// FONT-NOTICE.md: `pnpm --filter @clearmaps/datasets digits [FOLDER]`.
// The font packages are installed into FOLDER (default: a new temporary folder), by exact version. They are no
// devDependencies, because 100 MB of fonts is too much for every install of a workspace that needs 150 kB of them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = (path) => new URL(path, import.meta.url);
const { fonts, ...tools } = JSON.parse(readFileSync(here('digit-fonts.json'), 'utf8'));
const families = Object.keys(fonts).sort();

/** The tallest digit of a face is this high; every coordinate has to fit a byte. */
const UNITS = 180;
/** Outline units by which a straight piece may miss its curve. */
const TOLERANCE = 0.35;

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'clearmaps-fonts-'));
mkdirSync(folder, { recursive: true });
const packages = families.map((family) => `@fontsource/${family}@${fonts[family].version}`);
writeFileSync(join(folder, 'package.json'), '{"private":true}');
execFileSync(
  'npm',
  [
    'install',
    '--no-audit',
    '--no-fund',
    '--silent',
    '--prefix',
    folder,
    ...packages,
    `opentype.js@${tools['opentype.js']}`,
  ],
  { stdio: 'inherit' },
);
const { parse } = createRequire(join(folder, 'package.json'))('opentype.js');

/** One closed polyline a contour, font units, y upwards. */
function flatten(path, tolerance) {
  const contours = [];
  let current = [];
  const bezier = (...points) => {
    const [x0, y0] = current.at(-1);
    const all = [[x0, y0], ...points];
    const last = all.at(-1);
    // The distance of the control points from the chord bounds the error of n pieces by bend / n^2 / 4.
    const bend = Math.max(
      ...points.slice(0, -1).map(([x, y], i) => {
        const t = (i + 1) / points.length;
        return Math.hypot(x - x0 - t * (last[0] - x0), y - y0 - t * (last[1] - y0));
      }),
    );
    const pieces = Math.max(1, Math.ceil(Math.sqrt(bend / (2 * tolerance))));
    for (let i = 1; i <= pieces; i++) {
      const t = i / pieces;
      let level = all;
      while (level.length > 1) {
        level = level
          .slice(1)
          .map(([x, y], k) => [level[k][0] * (1 - t) + x * t, level[k][1] * (1 - t) + y * t]);
      }
      current.push(level[0]);
    }
  };
  for (const command of path.commands) {
    const end = [command.x, -command.y];
    if (command.type === 'M') {
      current = [end];
      contours.push(current);
    } else if (command.type === 'L') current.push(end);
    else if (command.type === 'Q') bezier([command.x1, -command.y1], end);
    else if (command.type === 'C') bezier([command.x1, -command.y1], [command.x2, -command.y2], end);
  }
  return contours.filter((contour) => contour.length > 2);
}

const boxOf = (contours) => {
  const points = contours.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), bottom: Math.min(...ys), top: Math.max(...ys) };
};

function face(family, style) {
  const [weight, slope = 'normal'] = style.split('-');
  const root = join(folder, 'node_modules/@fontsource', family);
  const bytes = readFileSync(join(root, 'files', `${family}-latin-${weight}-${slope}.woff`));
  const font = parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const raw = [...'0123456789'].map((digit) => {
    const glyph = font.charToGlyph(digit);
    if (glyph.index === 0) throw new Error(`${family} ${style} has no ${digit}`);
    return {
      glyph,
      contours: flatten(glyph.getPath(0, 0, font.unitsPerEm), (TOLERANCE * font.unitsPerEm) / 250),
    };
  });
  const boxes = raw.map(({ contours }) => boxOf(contours));
  const height = Math.max(...boxes.map(({ top, bottom }) => top - bottom));
  const width = Math.max(...boxes.map(({ left, right }) => right - left));
  const scale = Math.min(UNITS / height, 255 / width);
  const record = [];
  const signed = (value, what) => {
    const rounded = Math.round(value * scale);
    if (rounded < -128 || rounded > 127) throw new Error(`${family} ${style}: ${what} of ${rounded}`);
    record.push(rounded & 255);
  };
  const byte = (value, what) => {
    if (!(value >= 0 && value <= 255)) throw new Error(`${family} ${style}: ${what} of ${value}`);
    record.push(value);
  };
  byte(Math.round(height * scale), 'height');
  raw.forEach(({ glyph, contours }, digit) => {
    const { left, right, bottom } = boxes[digit];
    signed(left, `left bearing of ${digit}`);
    signed(glyph.advanceWidth - right, `right bearing of ${digit}`);
    signed(bottom, `bottom of ${digit}`);
    const whole = contours.map((contour) => {
      const points = contour.map(([x, y]) => [
        Math.round((x - left) * scale),
        Math.round((y - bottom) * scale),
      ]);
      return points.filter(([x, y], i) => {
        const [px, py] = points.at(i - 1);
        return x !== px || y !== py;
      });
    });
    const solid = whole.filter((contour) => contour.length > 2);
    byte(solid.length, `contours of ${digit}`);
    for (const contour of solid) {
      byte(contour.length, `points of ${digit}`);
      for (const [x, y] of contour) {
        byte(x, `x in ${digit}`);
        byte(y, `y in ${digit}`);
      }
    }
  });
  return record;
}

const names = [];
const bytes = [];
for (const family of families) {
  for (const style of fonts[family].styles) {
    names.push(`${family}-${style}`);
    bytes.push(...face(family, style));
  }
}

writeFileSync(
  here('../src/synthetic/digit-outlines.generated.ts'),
  `// Made by scripts/generate-digit-outlines.mjs from ${families.length} fonts under the SIL Open Font License 1.1: see
// FONT-NOTICE.md. The outlines stay under that licence.

/** FAMILY-WEIGHT or FAMILY-WEIGHT-italic, in the order of the records in DIGIT_OUTLINES. */
export const FACE_NAMES = ${JSON.stringify(names)} as const;

/**
 * Base64 of one record a face. A record: height of the tallest digit (uint8), then for each digit 0..9: left bearing,
 * right bearing, bottom over the baseline (int8), number of contours (uint8), and for each contour the number of its
 * points and their x, y from the left bottom corner of the digit's box (uint8), y upwards.
 */
export const DIGIT_OUTLINES =
  '${Buffer.from(bytes).toString('base64')}';
`,
);

const notices = families.map((family) => {
  const root = join(folder, 'node_modules/@fontsource', family);
  const { family: name, license, version } = JSON.parse(readFileSync(join(root, 'metadata.json'), 'utf8'));
  if (license.type !== 'OFL-1.1') throw new Error(`${family} is under ${license.type}`);
  const rights = license.attribution.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
  const styles = fonts[family].styles.join(', ');
  return `| ${name} | ${version} (@fontsource/${family} ${fonts[family].version}) | ${styles} | ${rights} |`;
});
const ofl = readFileSync(join(folder, 'node_modules/@fontsource/arimo/LICENSE'), 'utf8');
writeFileSync(
  here('../FONT-NOTICE.md'),
  `# Fonts behind the synthetic house numbers

The outlines of the digits 0-9 in \`src/synthetic/digit-outlines.generated.ts\` were taken from the fonts below, and simplified. All are under the SIL Open Font License 1.1, and so are these outlines; the rest of the package is not. They are no fonts and bear no font's name: the names in \`houseNumberFonts\` say where an outline comes from. Nothing else was taken from these fonts. The table is written by \`scripts/generate-digit-outlines.mjs\`.

| Font | Version | Styles | Copyright |
| ---- | ------- | ------ | --------- |
${notices.join('\n')}

## SIL Open Font License 1.1

\`\`\`
${ofl.slice(ofl.indexOf('SIL OPEN FONT LICENSE')).trim()}
\`\`\`
`,
);
process.stdout.write(`${names.length} faces of ${families.length} fonts, ${bytes.length} bytes\n`);
