/**
 * What words say about a meeting: open, for women, by video, closed for now. It exists so that a list's own words count the same in every
 * format. It recognises whole names only: "Open-Ended" is not open, and "Closed Holidays" is not closed.
 */
import type { Mark, Openness } from '../../core/meeting.ts';
import { fold } from './days.ts';

/** `online` by itself: nobody meets in a room. `closed-for-now`: the room is closed; with `online` the group meets there. */
export type Tag =
  | 'open'
  | 'closed'
  | 'online'
  | 'hybrid'
  | 'in-person'
  | 'closed-for-now'
  | 'closed-on-holidays'
  | Mark
  | `speaks-${string}`;

const meeting = '(?:\\s*-?\\s*(?:mote|motet|moter|mode|moder|meeting|meetings|gruppe|group))?';
const named: readonly [RegExp, readonly Tag[]][] = [
  [
    new RegExp(
      `^(?:apen|apent|apne|aben|abent|aabent|ope|open|opne|oppe|oppen|oppet|opna|opent|offen\\w*|ouvert\\w*|abiert\\w*|otwart\\w*)${meeting}(?:\\s*\\(?for alle\\)?|\\s+to all)?$`,
    ),
    ['open'],
  ],
  [
    new RegExp(
      `^(?:lukket|lukka|lukkede|luk|lukkete|slutet|slutna|closed|geschlossen\\w*|ferme\\w*|cerrad\\w*|zamkniet\\w*)${meeting}$`,
    ),
    ['closed'],
  ],
  [
    /^(?:online|nettmote\w*|nett|pa nett|digital\w*|virtuel\w*|virtual\w*|video\w*|zoom|teams|online (?:mote|meeting))(?: mote| mode| meeting)?$/,
    ['online'],
  ],
  [/^(?:hybrid\w*|fysisk og (?:digital\w*|nett|online|zoom))(?: mote| mode| meeting)?$/, ['hybrid']],
  [/^(?:fysisk\w*|oppmote|in person|in-person)(?: mote| mode| meeting)?$/, ['in-person']],
  [
    /^(?:(?:location )?temporarily closed(?: facility| location)?|midlertidig[t]? (?:lukk\w*|stengt\w*|nedlagt)|mellombels (?:stengt|lukka)|tillfalligt stangt?|stengt|inaktiv\w*|inactive)$/,
    ['closed-for-now'],
  ],
  [
    /^(?:closed (?:on )?holidays|(?:lukket|lukka|stengt|stangt) (?:pa |i )?(?:helligdag\w*|heilagdag\w*|helgdag\w*|hoytid\w*))$/,
    ['closed-on-holidays'],
  ],
  [
    /^(?:kvinne\w*|kvinde\w*|kvinno\w*|bare kvinner|kun kvinner|kun for kvinner|women|women'?s|womens|women only|dame\w*)(?: mote| mode| meeting)?$/,
    ['women'],
  ],
  [
    /^(?:mann|menn|manns\w*|mand|maend|mans\w*|bare menn|kun menn|kun for menn|herre\w*|men|men'?s|mens|men only)(?: mote| mode| meeting)?$/,
    ['men'],
  ],
  [
    /^(?:rullestol\w*|korestol\w*|rullstol\w*|handi[ck]ap\w*(?: venlig\w*| vennlig\w*)?|hc(?:-| )?(?:tilpass\w*|vennlig)?|universell\w*(?: utform\w*)?|wheelchair\w*(?: access\w*)?)$/,
    ['wheelchair'],
  ],
  [
    /^(?:nykomme\w*|nykomling\w*|nybegynn\w*|begynn\w*|beginner\w*|newcomer\w*|nye|for nye|beginner\/newcomer)(?: mote| mode| meeting)?$/,
    ['beginners'],
  ],
  [
    /^(?:ung|unge|unga|ungdom\w*|ungdoms\w*|young|young people|unge voksne|ypaa)(?: mote| mode| meeting)?$/,
    ['young'],
  ],
  [/^(?:stille\w*|rolig\w*|quiet)(?: mote| mode| meeting)?$/, ['quiet']],
];
const tongues: readonly [string, RegExp][] = [
  ['en', /^(?:english|engelsk|engelska)/],
  ['no', /^(?:norwegian|norsk|norska)/],
  ['sv', /^(?:swedish|svensk|svenska)/],
  ['da', /^(?:danish|dansk|danska)/],
  ['fi', /^(?:finnish|finsk|finska)/],
  ['pl', /^(?:polish|polsk|polska)/],
  ['fa', /^(?:persian|farsi|persisk|persiska)/],
  ['es', /^(?:spanish|spansk|spanska|espanol)/],
  ['ru', /\b(?:russian|russisk|ryska)/],
  ['lt', /^(?:lithuanian|litauisk|litauiska)/],
  ['uk', /^(?:ukrainian|ukrainsk|ukrainska)/],
  ['ar', /^(?:arabic|arabisk|arabiska)/],
  ['so', /^(?:somali|somalisk|somaliska)/],
  ['de', /^(?:german|tysk|tyska|deutsch)/],
  ['fr', /^(?:french|fransk|franska|francais)/],
  ['se', /^(?:sami|samisk|samiska)/],
];

/** What a name says, looked at as a whole. Empty: nothing that is known. */
export function tagsOf(name: string): Tag[] {
  const plain = fold(name)
    .replace(/(?<=\w)\s*\([^)]*\)$/, '')
    .replace(/[.!]+$/, '');
  const found = named.find(([pattern]) => pattern.test(plain));
  if (found) return [...found[1]];
  return languagesOf(name).map((code) => `speaks-${code}` as const);
}

const forWomen = /\b(?:kvinne|dame|women'?s|ladies)[\s-]?(?:mote|motet|gruppe|gruppa|meeting|group)/;
const forMen = /\b(?:manns|mannfolk|herre|men'?s)[\s-]?(?:mote|motet|gruppe|gruppa|meeting|group|stag)/;

/** Whom a meeting is for by its own name, where the list has no code for it: to anyone else it is a closed door. */
export function tagsInName(name: string): Tag[] {
  const plain = fold(name).replaceAll('’', "'");
  return [
    ...(forWomen.test(plain) ? (['women'] as const) : []),
    ...(forMen.test(plain) ? (['men'] as const) : []),
  ];
}

/** The languages that a name begins with, such as "English speaking". */
export function languagesOf(name: string): string[] {
  const plain = fold(name);
  return tongues.filter(([, pattern]) => pattern.test(plain)).map(([code]) => code);
}

/** The parts of a meeting that tags decide. Open and closed together is closed. */
export function traits(tags: Iterable<Tag>): {
  openness: Openness;
  marks: Mark[];
  languages?: string[];
  closedOnHolidays?: true;
} {
  const all = new Set(tags);
  const spoken = [...all]
    .filter((tag) => tag.startsWith('speaks-'))
    .map((tag) => tag.slice('speaks-'.length));
  const marks = (['beginners', 'wheelchair', 'young', 'women', 'men', 'quiet'] as const).filter((mark) =>
    all.has(mark),
  );
  return {
    openness: all.has('closed') ? 'closed' : all.has('open') ? 'open' : 'unknown',
    marks,
    ...(spoken.length > 0 ? { languages: spoken.toSorted() } : {}),
    ...(all.has('closed-on-holidays') ? { closedOnHolidays: true as const } : {}),
  };
}
