/**
 * Looks at the links and telephone numbers by which one takes part. It exists so that nobody is sent to an address that is not encrypted,
 * hides another one, or is only a group's home page.
 */
import type { Remarks } from './list.ts';

/** Services on which groups meet; the link of another host may be a home page. */
const services = [
  'zoom.us',
  'zoom.com',
  'zoomgov.com',
  'teams.microsoft.com',
  'teams.live.com',
  'meet.google.com',
  'whereby.com',
  'webex.com',
  'meet.jit.si',
  'gotomeeting.com',
  'gotomeet.me',
  'goto.com',
  'join.skype.com',
  'skype.com',
  'bluejeans.com',
  'zoho.com',
  'zoho.eu',
  'freeconferencecall.com',
  'freeconference.com',
  'discord.gg',
  'signal.group',
  'join.nhn.no',
  'meetings.dialpad.com',
];

/** The link as it is opened; null, with a remark, when it is none that may be opened. A host without a scheme gets https. */
export function linkOf(written: string, column: string, remarks: Remarks): string | null {
  const plain = written.trim();
  if (plain === '') return null;
  const full = /^[a-z][a-z\d+.-]*:/i.test(plain) ? plain : `https://${plain}`;
  if (!URL.canParse(full) || /\s/.test(plain)) return remarks.warn('link-broken', column, hostOnly(plain));
  const url = new URL(full);
  if (url.protocol !== 'https:') return remarks.warn('link-not-https', column, hostOnly(plain));
  if (url.username !== '' || url.password !== '' || !url.hostname.includes('.'))
    return remarks.warn('link-broken', column);
  return url.href;
}

/** Whether one meets at this address. */
export function isConference(link: string): boolean {
  const { hostname } = new URL(link);
  return services.some((service) => hostname === service || hostname.endsWith(`.${service}`));
}

/** A number to take part by, with the pauses and codes that are dialled after it; null when it is none. */
export function phoneOf(written: string, column: string, remarks: Remarks): string | null {
  const plain = written.trim();
  if (plain === '') return null;
  const dialled = plain.replace(/[\s().\u2010-\u2015-]/g, '');
  const digits = /^(?:\+|00)?\d+/.exec(dialled)?.[0].replace(/\D/g, '').length ?? 0;
  if (digits < 8 || digits > 15 || dialled.length > 60 || !/^\+?[\d,;*#pPwWxX]+$/.test(dialled))
    return remarks.warn('phone-broken', column);
  return dialled;
}

/** Links may carry passwords; what is told in an account does not. */
const hostOnly = (written: string): string =>
  written
    .replace(/[?#].*$/, '')
    .replace(/\/\/[^/]*@/, '//')
    .slice(0, 40);
