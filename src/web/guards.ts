// What every request to the pages passes before it is read: safe headers on the answer, no other site's requests, JSON
// only, small bodies. One place, so that no route forgets one of them; it must never look at what the request means.

import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';

const largestBody = 32 * 1024;
const yearSeconds = 365 * 24 * 60 * 60;

/**
 * Headers for every answer. Nothing is kept by a cache unless the route says otherwise.
 * @param secure served over HTTPS, so that browsers may be told to insist on it
 */
export function safeHeaders(secure: boolean): MiddlewareHandler[] {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      formAction: ["'self'"],
    },
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: secure && `max-age=${yearSeconds}`,
    xFrameOptions: 'DENY',
  });
  const unkept: MiddlewareHandler = async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  };
  return [headers, unkept];
}

/** Refuses (403) what another site's page asks for in the person's name. Browsers say where a request comes from; curl does not. */
export const ownSiteOnly: MiddlewareHandler = async (c, next) => {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const fromElsewhere = site !== undefined && site !== 'same-origin' && site !== 'none';
  const foreignOrigin =
    origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== new URL(c.req.url).host);
  if (fromElsewhere || foreignOrigin) return c.json({ error: 'Requests from other sites are refused.' }, 403);
  return next();
};

/** Refuses (415) anything but JSON, which no foreign form can send. */
export const jsonOnly: MiddlewareHandler = async (c, next) => {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    return c.json({ error: 'Send JSON, with the header Content-Type: application/json.' }, 415);
  return next();
};

/** Refuses (413) a body over 32 KB. */
export const smallOnly = bodyLimit({
  maxSize: largestBody,
  onError: (c) => c.json({ error: `The body is too large; at most ${largestBody} bytes.` }, 413),
});
