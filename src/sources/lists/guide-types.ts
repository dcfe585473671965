/**
 * What the type codes of a Meeting Guide feed mean in each fellowship. It exists because the same code means different things: "Y" is young
 * people in AA and Alateen in Al-Anon. A code that is not known here says nothing.
 */
import { type Tag, tagsOf } from './tags.ts';

/** In every fellowship that uses the format. `ONL` is in no specification and in nearly every feed. */
const common: Readonly<Record<string, readonly Tag[]>> = {
  O: ['open'],
  OPEN: ['open'],
  C: ['closed'],
  CLOSED: ['closed'],
  M: ['men'],
  W: ['women'],
  X: ['wheelchair'],
  XB: ['wheelchair'],
  BE: ['beginners'],
  ONL: ['online'],
  HYBR: ['hybrid'],
  TC: ['closed-for-now'],
};
const languages: Readonly<Record<string, string>> = {
  AF: 'af',
  AM: 'am',
  AR: 'ar',
  BG: 'bg',
  DA: 'da',
  DE: 'de',
  EL: 'el',
  EN: 'en',
  FA: 'fa',
  FI: 'fi',
  FR: 'fr',
  HE: 'he',
  HI: 'hi',
  HR: 'hr',
  HU: 'hu',
  IS: 'is',
  ITA: 'it',
  JA: 'ja',
  KA: 'ka',
  KOR: 'ko',
  LT: 'lt',
  ML: 'ml',
  MT: 'mt',
  NE: 'ne',
  NL: 'nl',
  NO: 'no',
  POL: 'pl',
  POR: 'pt',
  PUN: 'pa',
  RUS: 'ru',
  S: 'es',
  SK: 'sk',
  SL: 'sl',
  SV: 'sv',
  TH: 'th',
  TL: 'tl',
  TUR: 'tr',
  UK: 'uk',
};
/** Known, and of no consequence for choosing a meeting. */
const others = new Set(
  (
    '11 12x12 A ABSI AL AL-AN ASL B BA BI BRK CAN CF D DB DD DR FF G GR H L LGBTQ LIT LS MED N NB NDG OUT P POA POC SEN SM SP ST T TR ' +
    'XT SPD'
  ).split(' '),
);
const narcotics = new Set(
  'CPT BT CW DISC GL IP IW JFT LIT LC MED NS QA RA SMOK SPAD SPK STEP SWG TOP TRAD VAR'.split(' '),
);

export type TypeMeaning = { tags: readonly Tag[]; known: boolean };

/** `code` is a code or, in tables kept by hand, its label in words. */
export function typeMeaning(code: string, fellowship: string): TypeMeaning {
  const plain = code.trim();
  const tags = codeTags(plain.toUpperCase(), fellowship.toLowerCase().replace(/[^a-z]/g, ''));
  if (tags) return { tags, known: true };
  const words = plain.length > 2 ? tagsOf(plain) : [];
  return { tags: words, known: words.length > 0 };
}

function codeTags(code: string, fellowship: string): readonly Tag[] | null {
  if (Object.hasOwn(common, code)) return common[code]!;
  if (fellowship === 'na') {
    if (code === 'BEG') return ['beginners'];
    if (code === 'Y') return ['young'];
    if (code === 'WCHR') return ['wheelchair'];
    if (code === 'EN' || code === 'NO') return [`speaks-${languages[code]!}`];
    return narcotics.has(code) ? [] : null;
  }
  if (code === 'Y') return fellowship === 'alanon' || fellowship === 'alateen' ? [] : ['young'];
  if (Object.hasOwn(languages, code)) return [`speaks-${languages[code]!}`];
  return others.has(code) || others.has(code.toLowerCase()) ? [] : null;
}
