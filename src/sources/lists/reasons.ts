/**
 * Why a row is refused, and what somebody should look at, in words for whoever keeps the list. Each sentence says what is wrong and what
 * to write instead. It never names a person.
 */
import type { languages } from '../../core/words.ts';
import type { Remark } from './list.ts';

export type Language = (typeof languages)[number];

type Sentences = Readonly<Record<Language, string>>;

const sentences = {
  // The whole list.
  'not-json': {
    nb: 'Fila er ikke JSON, eller den er ødelagt. Last den ned på nytt.',
    nn: 'Fila er ikkje JSON, eller ho er øydelagd. Last ho ned på nytt.',
    en: 'The file is not JSON, or it is damaged. Download it again.',
  },
  'damaged-archive': {
    nb: 'Den pakkede fila er ødelagt. Last den ned på nytt.',
    nn: 'Den pakka fila er øydelagd. Last ho ned på nytt.',
    en: 'The packed file is damaged. Download it again.',
  },
  'spreadsheet-file': {
    nb: 'Dette er en regnearkfil. Åpne den, velg «Lagre som» og så «CSV UTF-8».',
    nn: 'Dette er ei reknearkfil. Opne ho, vel «Lagre som» og så «CSV UTF-8».',
    en: 'This is a spreadsheet. Open it, choose "Save as" and then "CSV UTF-8".',
  },
  'no-list': {
    nb: 'Fila har ingen møteliste i dette formatet. Sjekk at formatet er riktig.',
    nn: 'Fila har inga møteliste i dette formatet. Sjekk at formatet er rett.',
    en: 'The file holds no list of meetings in this format. Check that the format is right.',
  },
  'empty-list': {
    nb: 'Lista er tom.',
    nn: 'Lista er tom.',
    en: 'The list is empty.',
  },
  'no-headings': {
    nb: 'Fant ingen overskrifter. Den første raden må ha overskrifter som navn, dag, tid, adresse og postnr.',
    nn: 'Fann ingen overskrifter. Den første rada må ha overskrifter som namn, dag, tid, adresse og postnr.',
    en: 'No headings found. The first row needs headings such as name, day, time, address and postcode.',
  },
  'unclosed-quote': {
    nb: 'Et anførselstegn blir aldri lukket, så resten av fila kan ikke leses. Fjern det, eller lagre fila på nytt fra regnearket.',
    nn: 'Eit hermeteikn blir aldri lukka, så resten av fila kan ikkje lesast. Fjern det, eller lagre fila på nytt frå reknearket.',
    en: 'A quotation mark is never closed, so the rest cannot be read. Remove it, or save the file again from the spreadsheet.',
  },
  'formats-missing': {
    nb: 'Lista kom uten forklaring på formatkodene. Da er det ukjent om møtene er åpne eller lukkede. Legg ved svaret på GetFormats.',
    nn: 'Lista kom utan forklaring på formatkodane. Då er det ukjent om møta er opne eller lukka. Legg ved svaret på GetFormats.',
    en: 'The list came without its formats, so openness and marks are unknown. Add the answer to GetFormats.',
  },
  'unknown-type': {
    nb: 'Ukjent kode: {value}. Den er ikke brukt.',
    nn: 'Ukjend kode: {value}. Han er ikkje brukt.',
    en: 'Unknown code: {value}. It was not used.',
  },
  'unknown-column': {
    nb: 'Kolonnen «{value}» er ukjent og ble ikke lest.',
    nn: 'Kolonnen «{value}» er ukjend og blei ikkje lesen.',
    en: 'The column "{value}" is unknown and was not read.',
  },
  'contact-column': {
    nb: 'Kolonnen «{value}» gjelder kontaktpersoner og blir ikke lagret.',
    nn: 'Kolonnen «{value}» gjeld kontaktpersonar og blir ikkje lagra.',
    en: 'The column "{value}" is about contact persons and is not stored.',
  },
  // A row that is refused.
  'unreadable-row': {
    nb: 'Raden kan ikke leses som et møte.',
    nn: 'Rada kan ikkje lesast som eit møte.',
    en: 'The row cannot be read as a meeting.',
  },
  'example-row': {
    nb: 'Dette er eksempelraden i malen. Den blir ikke tatt inn.',
    nn: 'Dette er eksempelrada i malen. Ho blir ikkje teken inn.',
    en: 'This is the example row of the template. It is not imported.',
  },
  'name-missing': {
    nb: 'Møtet mangler navn.',
    nn: 'Møtet manglar namn.',
    en: 'The meeting has no name.',
  },
  'day-missing': {
    nb: 'Møtet mangler ukedag. Skriv for eksempel «tirsdag».',
    nn: 'Møtet manglar vekedag. Skriv til dømes «tysdag».',
    en: 'The meeting has no weekday. Write for instance "Tuesday".',
  },
  'by-appointment': {
    nb: 'Møtet har ingen fast dag, det holdes etter avtale. Slike møter kan ikke foreslås.',
    nn: 'Møtet har ingen fast dag, det blir halde etter avtale. Slike møte kan ikkje føreslåast.',
    en: 'The meeting has no fixed day: it is held by appointment. Such meetings cannot be suggested.',
  },
  'day-unknown': {
    nb: 'Forstår ikke dagen «{value}». Skriv «tirsdag», «siste fredag i måneden» eller «1. og 3. torsdag».',
    nn: 'Forstår ikkje dagen «{value}». Skriv «tysdag», «siste fredag i månaden» eller «1. og 3. torsdag».',
    en: 'Cannot read the day "{value}". Write "Tuesday", "last Friday of the month" or "1st and 3rd Thursday".',
  },
  'day-number': {
    nb: 'Dagen er skrevet som tallet {value}. Det kan bety ulike dager, så skriv navnet på dagen.',
    nn: 'Dagen er skriven som talet {value}. Det kan tyde ulike dagar, så skriv namnet på dagen.',
    en: 'The day is written as the number {value}, which can mean different days. Write its name.',
  },
  'day-unclear': {
    nb: 'Det er uklart hvilke uker som gjelder hvilke dager: «{value}». Skriv én rad for hver dag.',
    nn: 'Det er uklart kva veker som gjeld kva dagar: «{value}». Skriv éi rad for kvar dag.',
    en: 'It is unclear which weeks go with which days: "{value}". Write one row for each day.',
  },
  'every-second-week': {
    nb: 'Annenhver uke («{value}») kan ikke legges inn. Skriv hvilke uker i måneden, for eksempel «1. og 3. tirsdag».',
    nn: 'Annankvar veke («{value}») kan ikkje leggjast inn. Skriv kva veker i månaden, til dømes «1. og 3. tysdag».',
    en: 'Every second week ("{value}") cannot be kept. Write the weeks of the month, such as "1st and 3rd Tuesday".',
  },
  'time-missing': {
    nb: 'Møtet mangler klokkeslett. Skriv for eksempel 19:00.',
    nn: 'Møtet manglar klokkeslett. Skriv til dømes 19:00.',
    en: 'The meeting has no time. Write for instance 19:00.',
  },
  'time-unknown': {
    nb: 'Forstår ikke klokkeslettet «{value}». Skriv for eksempel 19:00 eller 19:00–20:30.',
    nn: 'Forstår ikkje klokkeslettet «{value}». Skriv til dømes 19:00 eller 19:00–20:30.',
    en: 'Cannot read the time "{value}". Write for instance 19:00 or 19:00–20:30.',
  },
  'closed-for-now': {
    nb: 'Møtet er midlertidig stengt.',
    nn: 'Møtet er mellombels stengt.',
    en: 'The meeting is temporarily closed.',
  },
  unpublished: {
    nb: 'Møtet er ikke publisert.',
    nn: 'Møtet er ikkje publisert.',
    en: 'The meeting is not published.',
  },
  'no-address': {
    nb: 'Det står ikke hvor møtet er. Skriv lokale eller adresse.',
    nn: 'Det står ikkje kvar møtet er. Skriv lokale eller adresse.',
    en: 'It does not say where the meeting is. Write the premises or the address.',
  },
  'no-point': {
    nb: 'Vet ikke hvor på kartet møtet er. Skriv postnummer eller koordinater.',
    nn: 'Veit ikkje kvar på kartet møtet er. Skriv postnummer eller koordinatar.',
    en: 'It is unknown where on the map the meeting is. Add the postcode or coordinates.',
  },
  'point-far': {
    nb: 'Punktet på kartet ligger {value} fra postnummeret. Et av dem er feil. Rett det, eller la punktet stå tomt.',
    nn: 'Punktet på kartet ligg {value} frå postnummeret. Eitt av dei er feil. Rett det, eller la punktet stå tomt.',
    en: 'The point on the map lies {value} from the postcode. One of them is wrong: correct it, or leave the point empty.',
  },
  'postcode-unknown': {
    nb: 'Postnummeret finnes ikke i registeret: {value}.',
    nn: 'Postnummeret finst ikkje i registeret: {value}.',
    en: 'The postcode is not in the register: {value}.',
  },
  'postcode-not-town': {
    nb: 'Postnummer og sted passer ikke sammen: {value}.',
    nn: 'Postnummer og stad passar ikkje saman: {value}.',
    en: 'Postcode and town do not fit together: {value}.',
  },
  'town-ambiguous': {
    nb: 'Det er flere steder med dette navnet: {value}. Skriv postnummer.',
    nn: 'Det er fleire stader med dette namnet: {value}. Skriv postnummer.',
    en: 'There are several places of this name: {value}. Write the postcode.',
  },
  'town-unknown': {
    nb: 'Stedet er ukjent: {value}. Skriv postnummer.',
    nn: 'Staden er ukjend: {value}. Skriv postnummer.',
    en: 'The town is unknown: {value}. Write the postcode.',
  },
  'no-way-in': {
    nb: 'Møtet er på nett, men har verken lenke (https) eller telefonnummer som virker.',
    nn: 'Møtet er på nett, men har verken lenkje (https) eller telefonnummer som verkar.',
    en: 'The meeting is online but has neither a link (https) nor a telephone number that works.',
  },
  // A row that is taken in, but somebody should look.
  'contact-removed': {
    nb: 'En e-postadresse eller et telefonnummer er tatt bort.',
    nn: 'Ei e-postadresse eller eit telefonnummer er teke bort.',
    en: 'An e-mail address or telephone number was taken out.',
  },
  'last-name': {
    nb: 'Teksten ser ut til å nevne noen med fullt navn. Bruk bare fornavn, eller ingen navn.',
    nn: 'Teksten ser ut til å nemne nokon med fullt namn. Bruk berre førenamn, eller ingen namn.',
    en: 'The text seems to name somebody in full. Use first names only, or none.',
  },
  'long-text': {
    nb: 'Teksten er svært lang og er kortet ned.',
    nn: 'Teksten er svært lang og er korta ned.',
    en: 'The text is very long and was shortened.',
  },
  'link-broken': {
    nb: 'Lenken kan ikke åpnes og er ikke brukt: {value}',
    nn: 'Lenkja kan ikkje opnast og er ikkje brukt: {value}',
    en: 'The link cannot be opened and was not used: {value}',
  },
  'link-not-https': {
    nb: 'Lenken må begynne med https:// og er ikke brukt: {value}',
    nn: 'Lenkja må byrje med https:// og er ikkje brukt: {value}',
    en: 'The link must begin with https:// and was not used: {value}',
  },
  'phone-broken': {
    nb: 'Telefonnummeret til møtet kan ikke ringes og er ikke brukt.',
    nn: 'Telefonnummeret til møtet kan ikkje ringjast og er ikkje brukt.',
    en: 'The telephone number of the meeting cannot be dialled and was not used.',
  },
  'room-left-out': {
    nb: 'Stedet er uklart, så møtet er bare tatt inn som nettmøte.',
    nn: 'Staden er uklar, så møtet er berre teke inn som nettmøte.',
    en: 'The place is unclear, so the meeting was taken in as an online one only.',
  },
  'point-off': {
    nb: 'Punktet på kartet ligger {value} fra stedet eller postnummeret. Sjekk at begge er riktige.',
    nn: 'Punktet på kartet ligg {value} frå staden eller postnummeret. Sjekk at begge er rette.',
    en: 'The point on the map lies {value} from the town or postcode. Check both.',
  },
  'point-broken': {
    nb: 'Koordinatene kan ikke leses og er ikke brukt. Skriv for eksempel 58.1467 og 7.9956.',
    nn: 'Koordinatane kan ikkje lesast og er ikkje brukte. Skriv til dømes 58.1467 og 7.9956.',
    en: 'The coordinates cannot be read and were not used. Write for instance 58.1467 and 7.9956.',
  },
  'point-of-town': {
    nb: 'Postnummer mangler, så møtet er satt midt i {value} på kartet.',
    nn: 'Postnummer manglar, så møtet er sett midt i {value} på kartet.',
    en: 'There is no postcode, so the meeting stands in the middle of {value} on the map.',
  },
  'postcode-padded': {
    nb: 'Postnummeret manglet en null foran og er lest som {value}.',
    nn: 'Postnummeret mangla ein null framfor og er lese som {value}.',
    en: 'The postcode lacked its leading zero and was read as {value}.',
  },
  'odd-length': {
    nb: 'Varigheten «{value}» kan ikke stemme. Møtet er satt til én time.',
    nn: 'Lengda «{value}» kan ikkje stemme. Møtet er sett til éin time.',
    en: 'The length "{value}" cannot be right. The meeting was set to one hour.',
  },
  'bare-hour': {
    nb: 'Klokkeslettet «{value}» er lest som om morgenen. Skriv 19:00 hvis det er om kvelden.',
    nn: 'Klokkeslettet «{value}» er lese som om morgonen. Skriv 19:00 om det er om kvelden.',
    en: 'The time "{value}" was read as in the morning. Write 19:00 if it is in the evening.',
  },
  'zone-unknown': {
    nb: 'Tidssonen «{value}» er ukjent. Tidssonen til lista er brukt.',
    nn: 'Tidssona «{value}» er ukjend. Tidssona til lista er brukt.',
    en: 'The time zone "{value}" is unknown. That of the list was used.',
  },
  'weeks-in-notes': {
    nb: 'Merknaden nevner bestemte uker eller dager. Sjekk om møtet går hver uke.',
    nn: 'Merknaden nemner bestemte veker eller dagar. Sjekk om møtet går kvar veke.',
    en: 'The notes speak of certain weeks or days. Check whether it meets every week.',
  },
  'pause-unread': {
    nb: 'Forstår ikke pausen «{value}». Den står i merknaden i stedet. Skriv for eksempel 22.6.2026–14.8.2026.',
    nn: 'Forstår ikkje pausen «{value}». Han står i merknaden i staden. Skriv til dømes 22.6.2026–14.8.2026.',
    en: 'Cannot read the pause "{value}", so it stands in the notes. Write for instance 22.6.2026–14.8.2026.',
  },
  formula: {
    nb: 'Cellen er en formel og er ikke lest.',
    nn: 'Cella er ein formel og er ikkje lesen.',
    en: 'The cell is a formula and was not read.',
  },
  // Merged.
  'same-gathering': {
    nb: 'Samme dag, tid, navn og sted som et annet møte i lista.',
    nn: 'Same dag, tid, namn og stad som eit anna møte i lista.',
    en: 'The same day, time, name and place as another meeting in the list.',
  },
} as const satisfies Record<string, Sentences>;

export type Reason = keyof typeof sentences;

/** A remark as a sentence. */
export function sentence({ reason, value }: Pick<Remark, 'reason' | 'value'>, language: Language): string {
  return sentences[reason][language].replace('{value}', () => value ?? '');
}
