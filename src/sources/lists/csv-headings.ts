/**
 * The headings of a list kept in a spreadsheet, as people write them in Norwegian and English. It exists so that a clinic can send the list it
 * has. A column about contact persons is known only to be left out.
 */
import { line } from './clean.ts';
import { fold } from './days.ts';

export type Column =
  | 'id'
  | 'name'
  | 'fellowship'
  | 'day'
  | 'when'
  | 'time'
  | 'end'
  | 'duration'
  | 'weeks'
  | 'pauses'
  | 'holidays'
  | 'closedOnHolidays'
  | 'venue'
  | 'address'
  | 'postcode'
  | 'town'
  | 'place'
  | 'lat'
  | 'lon'
  | 'coordinates'
  | 'type'
  | 'open'
  | 'closed'
  | 'marks'
  | 'wheelchair'
  | 'language'
  | 'notes'
  | 'conference'
  | 'link'
  | 'phone'
  | 'zone'
  | 'confirmed'
  | 'contact';

/** Letters and digits only, folded: "Åpent/lukket" is "apentlukket". */
const headings: Readonly<Record<Column, string>> = {
  id: 'id nr nummer slug referanse ref motenr motenummer',
  name: 'navn namn gruppe gruppenavn gruppenamn mote motenavn motenamn name group groupname meeting meetingname tittel title',
  fellowship: 'fellesskap fellesskapet fellowship felleskap program organisasjon',
  day: 'dag ukedag vekedag dager dagar motedag motedager day days weekday',
  when: 'nar motetid motetider when tidogdag dagogtid dagtid dagogklokkeslett tidspunktogdag',
  time: 'tid klokkeslett klokkeslet kl klokka klokken tidspunkt start starttid starter fra frakl time starttime starts begins hour',
  end: 'slutt sluttid sluttar slutter til tilkl end endtime ends',
  duration: 'varighet lengde lengd duration minutter minutt min varer minutes length',
  weeks:
    'uke uker veke veker hyppighet frekvens hvilkeuker monster gjentakelse gjentas weeks frequency recurrence ukeimaneden ukerimaneden',
  pauses:
    'pause pauser ferie ferier sommerferie sommarferie sommerpause sommerstengt motefri stengtperioder opphold pauses breaks holidaybreak',
  holidays: 'helligdager heilagdagar rodedager holidays publicholidays',
  closedOnHolidays:
    'stengthelligdager stengtpahelligdager stengtpaheilagdagar lukketpahelligdager closedholidays closedonholidays',
  venue:
    'lokale lokalet lokaler stedsnavn stadnamn motested motelokale bygg bygning venue location locationname building premises hus',
  address:
    'adresse gateadresse gate besoksadresse address street streetaddress veiadresse vegadresse gatenavn fulladdress',
  postcode: 'postnr postnummer postkode postcode zip zipcode postalcode',
  town: 'by poststed poststad town city tettsted kommune bysted',
  place: 'sted stad place hvor kvar where',
  lat: 'lat latitude breddegrad breiddegrad nord',
  lon: 'lon lng long longitude lengdegrad ost',
  coordinates: 'koordinater koordinatar coordinates gps kartpunkt posisjon',
  type: 'type typer motetype motetyper apentlukket apenlukket apentellerlukket apeneellerlukket opelukka openclosed format types status motefor',
  open: 'apent apen ope open apentmote',
  closed: 'lukket lukka closed lukketmote',
  marks: 'merker merke passerfor malgruppe for hvemfor egnetfor marks tags suitsfor',
  wheelchair:
    'rullestol rullestolvennlig rullestolvenleg universellutforming universeltutformet tilgjengelighet wheelchair wheelchairaccess hc',
  language: 'sprak motesprak language languages',
  notes:
    'merknad merknader notat notater kommentar kommentarer info informasjon beskrivelse veibeskrivelse vegbeskrivelse annet anna description notes note comments comment melding',
  conference:
    'zoom zoomlenke motelenke motelenkje onlinelenke nettmotelenke nettmote conferenceurl videolenke teams teamslenke meetinglink onlinelink digitallenke digital online',
  link: 'nettadresse nettside nettsted hjemmeside heimeside lenke lenkje link url www website webside web',
  phone: 'telefonmote motetelefon innringing innringingsnummer telefoninnringing conferencephone dialin',
  zone: 'tidssone timezone zone',
  confirmed:
    'bekreftet stadfesta sistbekreftet oppdatert sistoppdatert endret sistendret kontrollert sjekket confirmed updated lastupdated lastcontact checked',
  contact:
    'kontakt kontaktperson kontaktpersoner kontaktnavn kontaktinfo telefon tlf tlfnr telefonnr telefonnummer mobil mobilnr epost epostadresse email mail ansvarlig sekretar leder contact contactname contactphone contactemail phone phonenumber gruppekontakt gsr',
};
const byHeading = new Map(
  Object.entries(headings)
    .flatMap(([column, all]) => all.split(' ').map((name) => [name, column as Column] as const))
    .toReversed(),
);

/** Longer headings, by what stands in them. */
const containing: readonly [RegExp, Column][] = [
  [/kontakt|contact|epost|email|mobil/, 'contact'],
  [/(?:apen|open|ope).*(?:luk|clos)/, 'type'],
  [/^type|motetype/, 'type'],
  [/^hvem|^kven|malgruppe/, 'marks'],
  [/^postn|postnummer/, 'postcode'],
  [/klokkeslett|starttid|motetid/, 'time'],
  [/ukedag|vekedag|weekday/, 'day'],
  [/(?:gruppe|mote)\w*na[vm]n|na[vm]npa/, 'name'],
  [/nettadresse|nettside|hjemmeside/, 'link'],
  [/(?:gate|besoks|mote)adresse|^adresse/, 'address'],
  [/merknad|kommentar|beskrivelse/, 'notes'],
];

export type Headings = {
  /** Which cell holds a column, and what the list calls it. */
  columns: ReadonlyMap<Column, { at: number; called: string }>;
  unknown: readonly string[];
  contacts: readonly string[];
};

/** The columns of a row of headings; the first of two that mean the same counts. */
export function headingsOf(cells: readonly string[]): Headings {
  const columns = new Map<Column, { at: number; called: string }>();
  const unknown: string[] = [];
  const contacts: string[] = [];
  for (const [at, cell] of cells.entries()) {
    const called = line(cell);
    const column = columnNamed(called);
    if (called === '') continue;
    if (column === 'contact') contacts.push(called);
    else if (column === undefined || columns.has(column)) unknown.push(called);
    else columns.set(column, { at, called });
  }
  const place = columns.get('place');
  if (place) {
    // "Sted" is the town where nothing else is, and the premises beside a town.
    columns.delete('place');
    const role = columns.has('town') ? 'venue' : 'town';
    if (columns.has(role)) unknown.push(place.called);
    else columns.set(role, place);
  }
  return { columns, unknown, contacts };
}

function columnNamed(called: string): Column | undefined {
  const plain = fold(called)
    .replace(/\([^)]*\)/g, '')
    .replace(/[^a-z0-9]/g, '');
  return byHeading.get(plain) ?? containing.find(([pattern]) => pattern.test(plain))?.[1];
}

/** Whether a row can be the one with the headings: it names the meeting's hour or day, and something else. */
export const looksLikeHeadings = ({ columns }: Headings): boolean =>
  columns.size >= 3 && (columns.has('day') || columns.has('when') || columns.has('time'));
