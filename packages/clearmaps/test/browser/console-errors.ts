import type { BrowserCommand } from 'vitest/node';

declare module 'vitest/browser' {
  interface BrowserCommands {
    consoleErrors(): Promise<string[]>;
  }
}

/** What the page's console and its uncaught errors have said so far: a test sees only what goes through its own console. */
export const consoleErrors: BrowserCommand<[]> = async ({ page }) => {
  const messages = (await page.consoleMessages()).filter((message) => message.type() === 'error');
  return [...messages.map((message) => message.text()), ...(await page.pageErrors()).map(String)];
};
