/** Where Chromium and Chrome live on Linux, macOS and Windows. */
const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * The browser that CHROMIUM_PATH names, or the first of the usual ones.
 *
 * @throws where CLEARMAPS_REQUIRE_WEBGPU is set, as CI does, and there is none.
 */
export function findChromium(exists: (path: string) => boolean): string | undefined {
  const paths = process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : USUAL;
  const found = paths.find(exists);
  if (found === undefined && process.env.CLEARMAPS_REQUIRE_WEBGPU) {
    throw new Error(`no Chromium at ${paths.join(', ')}`);
  }
  return found;
}
