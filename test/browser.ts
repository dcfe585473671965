// Starts a Chromium for tests and screenshots, with a profile of its own that is gone afterwards. It exists so that the
// pages are tried where they will live; it must never reach for the network beyond what a page asks for.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';

/** A cheap phone, held upright. */
export const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 640 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
  locale: 'nb-NO',
};

export const desktop: BrowserContextOptions = {
  viewport: { width: 1280, height: 800 },
  locale: 'nb-NO',
};

function chromiumPath(): string {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium'));
  const found = places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error('There is no command chromium on the PATH: install Chromium.');
  return found;
}

/**
 * A new browser with an empty, temporary profile. Close it: the process lives until then.
 * @throws when there is no command `chromium`
 */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
