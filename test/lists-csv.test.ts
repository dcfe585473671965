/**
 * Lists that are kept in spreadsheets, all invented: encodings, delimiters, headings, and what people write in the cells. Every expectation is
 * what a secretary who wrote the row would have meant.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { languages } from '../src/core/words.ts';
import { sentence } from '../src/sources/lists/reasons.ts';
import { options, places, read, refused, warned } from './lists/reading.ts';

const csv = options('csv', { source: 'agder' });
const lines = (...rows: string[]): string => rows.join('\r\n');
/** One row, by column; the rest is an ordinary meeting in Kristiansand. */
const usual: Record<string, string> = {
  navn: 'Nytt håp',
  dag: 'tirsdag',
  tid: '19:00',
  adresse: 'Storgata 12',
  postnr: '4616',
};
function one(cells: Record<string, string>) {
  const all = { ...usual, ...cells };
  const quoted = Object.values(all).map((cell) => `"${cell.replaceAll('"', '""')}"`);
  return read(lines(Object.keys(all).join(';'), quoted.join(';')), csv);
}
const meeting = (cells: Record<string, string>) => one(cells).accepted[0]!;

describe('the file', () => {
  const text = lines(
    'navn;dag;tid;adresse;postnr;poststed;type',
    'Nytt håp på Tromsøya;lørdag;18:30;Storgata 12;9008;Tromsø;åpent',
    'Språk og ro;søndag;11.00;Kirkeveien 1;4616;Kristiansand;lukket',
  );
  const utf16 = (littleEndian: boolean, mark: boolean) => {
    const swapped = Buffer.from(`${mark ? '\uFEFF' : ''}${text.replaceAll(';', '\t')}`, 'utf16le');
    return littleEndian ? swapped : Buffer.from(swapped).swap16();
  };
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['Windows-1252', Buffer.from(text, 'latin1')],
    ['UTF-16 as a spreadsheet saves it', utf16(true, true)],
    ['UTF-16 the other way round', utf16(false, true)],
    ['UTF-16 without a mark', utf16(true, false)],
    ['commas', Buffer.from(text.replaceAll(';', ','))],
    ['tabs', Buffer.from(text.replaceAll(';', '\t'))],
    ['a line that names the delimiter', Buffer.from(`sep=;\r\n${text}`)],
    ['lines of Unix', Buffer.from(text.replaceAll('\r', ''))],
  ])('%s', (_, file) => {
    const reading = read(new Uint8Array(file), csv);
    expect(reading.accepted).toMatchObject([
      {
        name: 'Nytt håp på Tromsøya',
        weekday: 6,
        time: '18:30',
        openness: 'open',
        place: { town: 'Tromsø', postcode: '9008', approximate: true },
      },
      { name: 'Språk og ro', weekday: 7, time: '11:00', openness: 'closed', place: { town: 'Kristiansand' } },
    ]);
  });

  test('titles above the headings, empty rows and newlines in a cell: rows are counted as the spreadsheet does', () => {
    const reading = read(
      lines(
        'Møteliste for Agder;;;;',
        '',
        'Gruppe;Ukedag;Kl;Adresse;Postnr',
        'A;mandag;19;"Gata 1\nbakgården";4616',
        ';;;;',
        'B;mandag;seint;Gata 2;4616',
      ),
      csv,
    );
    expect([reading.rows, refused(reading)]).toEqual([2, { 6: 'time-unknown' }]);
    expect(reading.rejected[0]?.faults[0]).toEqual({ column: 'Kl', reason: 'time-unknown', value: 'seint' });
  });

  test('long headings are known by what stands in them', () => {
    const reading = read(
      lines(
        'Gruppenavn AA;Ukedag for møtet;Klokkeslett (start);Besøksadresse for møtet;Postnummer sted;Åpent eller lukket møte;Kontaktpersonens navn',
        'A;mandag;19.00;Gata 1;4616;lukket;Kari',
      ),
      csv,
    );
    expect(reading.accepted).toMatchObject([
      { name: 'A', weekday: 1, time: '19:00', openness: 'closed', place: { postcode: '4616' } },
    ]);
    expect(warned(reading)).toEqual(['contact-column']);
  });

  test('headings in any order, spelling and language', () => {
    const reading = read(
      lines(
        'Town,Postcode,START TIME,Duration,Weekday,Street address,Group name,Open/closed,Comments,Vegbeskrivelse',
        'Kristiansand,4616,7:30 pm,90,Tuesdays,Storgata 12,New Hope,closed,Ring the bell,x',
      ),
      csv,
    );
    expect(reading.accepted).toMatchObject([
      { name: 'New Hope', weekday: 2, time: '19:30', minutes: 90, openness: 'closed' },
    ]);
    expect(warned(reading)).toEqual(['unknown-column']);
  });

  test.each([
    ['', 0, {}],
    ['\uFEFF', 0, {}],
    ['a;b;c\n1;2;3', 1, { 1: 'no-headings' }],
    ['navn;dag;tid;adresse\nA;"mandag;19;Gata 1\nB;mandag;19;Gata 2', 1, { 2: 'unclosed-quote' }],
    ['PK\u0003\u0004xl/workbook.xml', 1, { 1: 'spreadsheet-file' }],
  ])('%j', (text, rows, reasons) => {
    const reading = read(text, csv);
    expect([reading.rows, refused(reading)]).toEqual([rows, reasons]);
  });

  test('the template is read but for its example, and every column of it is known', () => {
    const template = readFileSync(join(import.meta.dirname, '../content/meetings/template.csv'));
    const reading = read(new Uint8Array(template), csv);
    expect(refused(reading)).toEqual({ 2: 'example-row' });
    expect(reading.warnings).toEqual([]);
    const filled = read(
      template.toString().replace('Eksempel: Fyrlykta (slett denne raden)', 'Fyrlykta'),
      csv,
    );
    expect(filled.accepted).toMatchObject([
      {
        fellowship: 'AA',
        weekday: 5,
        weeks: [-1],
        time: '19:00',
        minutes: 90,
        openness: 'open',
        marks: ['beginners', 'wheelchair'],
        pauses: [{ from: '2026-06-22', to: '2026-08-14' }],
        closedOnHolidays: true,
        confirmed: '2026-11-01',
        languages: ['no'],
      },
    ]);
  });
});

describe('days', () => {
  test.each([
    ['tirsdager', [2], undefined],
    ['Tysdag', [2], undefined],
    ['ons.', [3], undefined],
    ['laurdag', [6], undefined],
    ['Sundays', [7], undefined],
    ['hver fredag', [5], undefined],
    ['mandag og torsdag', [1, 4], undefined],
    ['man-ons', [1, 2, 3], undefined],
    ['lørdag til mandag', [6, 7, 1], undefined],
    ['ti, to', [2, 4], undefined],
    ['daglig', [1, 2, 3, 4, 5, 6, 7], undefined],
    ['siste fredag i måneden', [5], [-1]],
    ['1. og 3. tirsdag', [2], [1, 3]],
    ['første og siste mandag i mnd.', [1], [1, -1]],
    ['torsdag (2. i måneden)', [4], [2]],
    ['hver 2. onsdag i måneden', [3], [2]],
    ['last Friday of the month', [5], [-1]],
  ])('%s', (dag, weekdays, weeks) => {
    const { accepted } = one({ dag });
    expect(accepted.map(({ weekday }) => weekday).toSorted()).toEqual(weekdays.toSorted());
    for (const each of accepted) expect(each.weeks).toEqual(weeks);
  });

  test.each([
    ['', 'day-missing'],
    ['2', 'day-number'],
    ['annenhver tirsdag', 'every-second-week'],
    ['tirsdag i partallsuker', 'every-second-week'],
    ['hver 2. tirsdag', 'every-second-week'],
    ['tirsdag unntatt juli', 'day-unknown'],
    ['1. mandag og torsdag', 'day-unclear'],
    ['etter avtale', 'by-appointment'],
  ])('%s is refused', (dag, reason) => {
    const reading = one({ dag });
    expect(refused(reading)).toEqual({ 2: reason });
    expect(reading.rejected[0]?.faults[0]?.column).toBe('dag');
  });

  test('weeks in a column of their own', () => {
    expect(meeting({ uke: '1. og 3.' }).weeks).toEqual([1, 3]);
    expect(meeting({ uke: 'siste' }).weeks).toEqual([-1]);
    expect(meeting({ uke: 'hver uke' }).weeks).toBeUndefined();
    expect(refused(one({ uke: 'annenhver' }))).toEqual({ 2: 'every-second-week' });
    expect(refused(one({ uke: '34' }))).toEqual({ 2: 'day-unknown' });
    expect(refused(one({ dag: '1. tirsdag', uke: '3.' }))).toEqual({ 2: 'day-unclear' });
  });

  test('weeks that only the notes tell are pointed out', () => {
    expect(warned(one({ merknad: 'Åpent møte siste torsdag i måneden.' }))).toContain('weeks-in-notes');
    expect(warned(one({ merknad: 'Kaffe og kake.' }))).not.toContain('weeks-in-notes');
  });
});

describe('hours', () => {
  test.each([
    [{ tid: '19.00' }, '19:00', 60],
    [{ tid: '1900' }, '19:00', 60],
    [{ tid: '19,30' }, '19:30', 60],
    [{ tid: '7-8 pm' }, '19:00', 60],
    [{ tid: 'kl 19' }, '19:00', 60],
    [{ tid: 'kl. 18.30' }, '18:30', 60],
    [{ tid: '19-20.30' }, '19:00', 90],
    [{ tid: '19:00–20:15' }, '19:00', 75],
    [{ tid: '23.30', slutt: '00.30' }, '23:30', 60],
    [{ tid: '19:00', slutt: '20:30' }, '19:00', 90],
    [{ tid: '19:00', varighet: '90 min' }, '19:00', 90],
    [{ tid: '19:00', varighet: '1,5 time' }, '19:00', 90],
    [{ tid: '19:00', varighet: '2' }, '19:00', 120],
    [{ tid: '19:00', varighet: '75' }, '19:00', 75],
    [{ tid: '', dag: 'Tirsdager kl. 19.00-20.30' }, '19:00', 90],
    [{ tid: '', dag: 'tirsdag 19-20.30' }, '19:00', 90],
  ])('%j', (cells, time, minutes) => expect(meeting(cells)).toMatchObject({ weekday: 2, time, minutes }));

  test.each([
    [{ tid: '' }, 'time-missing'],
    [{ tid: '25.00' }, 'time-unknown'],
    [{ tid: 'kveld' }, 'time-unknown'],
    [{ tid: '0,50' }, 'time-unknown'],
    [{ tid: '19:00, 20:30' }, 'time-unknown'],
  ])('%j is refused', (cells, reason) => expect(refused(one(cells))).toEqual({ 2: reason }));

  test('an hour alone in the morning is pointed out, and a length that cannot be', () => {
    expect(warned(one({ tid: '7' }))).toContain('bare-hour');
    expect(warned(one({ tid: '19' }))).not.toContain('bare-hour');
    expect(one({ slutt: '05:00' }).warnings).toContainEqual(
      expect.objectContaining({ reason: 'odd-length', column: 'slutt' }),
    );
  });
});

describe('places', () => {
  const { lat, lon } = places.codes.get('4616')!;

  test('the point is that of the postcode where none is given', () => {
    expect(meeting({}).place).toEqual({
      name: '',
      address: 'Storgata 12',
      postcode: '4616',
      town: 'Kristiansand S',
      lat,
      lon,
      approximate: true,
    });
  });

  test.each([
    [{ postnr: '', poststed: '4616 Kristiansand' }],
    [{ postnr: '4616 Kristiansand' }],
    [{ postnr: '', adresse: 'Storgata 12, 4616 Kristiansand' }],
    [{ postnr: 'NO-4616', sted: 'Kristiansand' }],
    [{ postnr: '', adresse: 'Storgata 12 4616 Kristiansand' }],
    [{ postnr: '', adresse: '', sted: 'Storgata 12, 4616 Kristiansand' }],
  ])('%j', (cells) =>
    expect(meeting(cells).place).toMatchObject({
      address: 'Storgata 12',
      postcode: '4616',
      town: 'Kristiansand',
      lat,
      lon,
    }),
  );

  test('a spreadsheet drops the zero of 0184', () => {
    const reading = one({ postnr: '184', poststed: 'Oslo' });
    expect(reading.accepted[0]?.place).toMatchObject({ postcode: '0184', town: 'Oslo' });
    expect(warned(reading)).toContain('postcode-padded');
  });

  test('="0184" is a postcode that kept its zero', () => {
    const reading = one({ postnr: '="0184"', poststed: 'Oslo' });
    expect([reading.accepted[0]?.place?.postcode, warned(reading)]).toEqual(['0184', []]);
  });

  test('coordinates with a comma or in one cell', () => {
    expect(meeting({ breddegrad: '58,15', lengdegrad: '8,00' }).place).toMatchObject({ lat: 58.15, lon: 8 });
    expect(meeting({ koordinater: '58.15, 8.00' }).place).toMatchObject({ lat: 58.15, lon: 8 });
    expect(meeting({ breddegrad: '58,15', lengdegrad: '8,00' }).place).not.toHaveProperty('approximate');
  });

  test('a town at the end of the address is found, a back yard is none', () => {
    expect(meeting({ postnr: '', adresse: 'Storgata 12, Arendal' }).place).toMatchObject({
      address: 'Storgata 12',
      town: 'Arendal',
    });
    expect(refused(one({ postnr: '', adresse: 'Storgata 12, bakgården' }))).toEqual({ 2: 'no-point' });
  });

  test('"sted" is the town, or the premises beside one', () => {
    expect(meeting({ postnr: '', sted: 'Arendal' }).place).toMatchObject({
      town: 'Arendal',
      approximate: true,
    });
    expect(meeting({ sted: 'Bedehuset', poststed: 'Kristiansand' }).place).toMatchObject({
      name: 'Bedehuset',
      town: 'Kristiansand',
    });
  });

  test.each([
    [{ postnr: '9999' }, 'postcode-unknown', 'postnr'],
    [{ postnr: '0184', poststed: 'Bergen' }, 'postcode-not-town', 'postnr'],
    [{ postnr: '', poststed: 'Vik' }, 'town-ambiguous', 'poststed'],
    [{ postnr: '', poststed: 'Kristiansnad' }, 'town-unknown', 'poststed'],
    [{ postnr: '' }, 'no-point', 'postnr'],
    [{ adresse: '' }, 'no-address', 'adresse'],
    [{ lat: '69.65', lon: '18.96' }, 'point-far', 'lat'],
    [{ lat: '7.99', lon: '58.14' }, 'point-far', 'lat'],
  ])('%j is refused', (cells, reason, column) => {
    expect(one(cells).rejected[0]?.faults[0]).toMatchObject({ reason, column });
  });

  test('a refused place comes with what it may be', () => {
    expect(one({ postnr: '9999' }).rejected[0]?.faults[0]?.value).toMatch(/^9999 → \d{4} /);
    expect(one({ postnr: '', poststed: 'Kristiansnad' }).rejected[0]?.faults[0]?.value).toContain(
      'Kristiansand',
    );
    expect(one({ postnr: '', poststed: 'Vik' }).rejected[0]?.faults[0]?.value).toContain('Vik, Vestland');
  });

  test('a point some way off is taken and pointed out', () => {
    const reading = one({ lat: '58.45', lon: '8.0' });
    expect([reading.accepted.length, warned(reading)]).toEqual([1, ['point-off']]);
  });

  test('a point far from a town is pointed out, since places share their names', () => {
    const reading = one({ postnr: '', poststed: 'Arendal', lat: '69.65', lon: '18.96' });
    expect([reading.accepted[0]?.place?.lat, warned(reading)]).toEqual([69.65, ['point-off']]);
  });

  test('all faults of a row are told at once', () => {
    const reading = one({ navn: '', dag: 'snart', tid: '', postnr: '9999' });
    expect(reading.rejected[0]?.faults.map(({ reason }) => reason)).toEqual([
      'name-missing',
      'day-unknown',
      'time-missing',
      'postcode-unknown',
    ]);
  });
});

describe('kinds of meeting', () => {
  test.each([
    [{ type: 'Åpent' }, 'open', []],
    [{ type: 'ope møte' }, 'open', []],
    [{ type: 'Lukka' }, 'closed', []],
    [{ type: 'åpent/lukket' }, 'closed', []],
    [{ åpent: 'ja' }, 'open', []],
    [{ åpent: 'nei' }, 'closed', []],
    [{ type: 'lukket, kvinner' }, 'closed', ['women']],
    [{ type: 'Mannsmøte' }, 'unknown', ['men']],
    [{ type: 'nykommere og unge' }, 'unknown', ['beginners', 'young']],
    [{ rullestol: 'ja' }, 'unknown', ['wheelchair']],
    [{ rullestol: 'nei' }, 'unknown', []],
  ])('%j', (cells: Record<string, string>, openness, marks) => {
    const found = meeting(cells);
    expect([found.openness, [...found.marks].toSorted()]).toEqual([openness, [...marks].toSorted()]);
  });

  test('a language that is not the place’s own is told', () => {
    expect(meeting({ språk: 'engelsk' }).languages).toEqual(['en']);
  });

  test('open in certain weeks only is not open', () => {
    expect(meeting({ 'type møte': 'Åpent møte (siste tirsdag i mnd)' }).openness).toBe('unknown');
  });
  test.each([
    ['Damegruppa', ['women']],
    ['AA Kvinnemøte Lund', ['women']],
    ['Mannsmøte', ['men']],
    ['Herredsheimen', []],
  ])('the name %s', (navn, marks) => {
    expect(meeting({ navn }).marks).toEqual(marks);
  });
  test('what stands in brackets is kept as text', () => {
    expect(meeting({ type: 'Lukket (åpent siste i måneden)' })).toMatchObject({
      openness: 'closed',
      notes: { nb: 'Lukket (åpent siste i måneden)' },
    });
  });
  test('words that are not known are kept as text', () =>
    expect(meeting({ type: 'lukket, trinnmøte' }).notes.nb).toBe('trinnmøte'));
  test('a list may hold several fellowships', () =>
    expect(meeting({ fellesskap: 'NA' }).fellowship).toBe('NA'));
  test('closed for now', () =>
    expect(refused(one({ type: 'Midlertidig stengt' }))).toEqual({ 2: 'closed-for-now' }));
});

describe('online', () => {
  const link = 'https://us02web.zoom.us/j/123';
  const nowhere = { adresse: '', postnr: '' };
  test('with a link of a meeting service and no address', () => {
    expect(meeting({ ...nowhere, nettadresse: link })).toMatchObject({ place: null, online: link });
  });
  test('with an address it is both', () =>
    expect(meeting({ nettadresse: link })).toMatchObject({ online: link, place: { postcode: '4616' } }));
  test('a home page is no way to take part, and stands in the notes', () => {
    const found = meeting({ nettadresse: 'www.aa-agder.example' });
    expect([found.online, found.notes.nb]).toEqual([null, 'https://www.aa-agder.example/']);
  });
  test('on another host the row must say so', () => {
    expect(meeting({ nettadresse: 'https://video.example.org/rom', type: 'online' })).toMatchObject({
      place: null,
      online: 'https://video.example.org/rom',
    });
    expect(meeting({ zoom: 'https://video.example.org/rom' }).online).toBe('https://video.example.org/rom');
    expect(meeting({ nettadresse: 'https://evilzoom.us/j/1' }).online).toBeNull();
  });
  test.each([['http://zoom.us/j/1'], ['javascript:alert(1)'], ['ring oss']])(
    '%s is no link',
    (nettadresse) => {
      expect(refused(one({ ...nowhere, type: 'online', nettadresse }))).toEqual({ 2: 'no-way-in' });
    },
  );
});

describe('pauses and holidays', () => {
  test.each([
    ['sommerferie 22.6-14.8.2026', [{ from: '2026-06-22', to: '2026-08-14' }]],
    ['22.6.-14.8.', [{ from: '2027-06-22', to: '2027-08-14' }]],
    ['20. desember – 3. januar', [{ from: '2026-12-20', to: '2027-01-03' }]],
    ['24.12.2026', [{ from: '2026-12-24', to: '2026-12-24' }]],
    [
      '1.7-31.7.2026 og 24.12.2026',
      [
        { from: '2026-07-01', to: '2026-07-31' },
        { from: '2026-12-24', to: '2026-12-24' },
      ],
    ],
    ['juli', [{ from: '2027-07-01', to: '2027-07-31' }]],
    ['stengt juni–august 2026', [{ from: '2026-06-01', to: '2026-08-31' }]],
    ['desember', [{ from: '2026-12-01', to: '2026-12-31' }]],
    ['uke 28-31', [{ from: '2027-07-12', to: '2027-08-08' }]],
    ['uke 52 til uke 1 2027', [{ from: '2026-12-21', to: '2027-01-10' }]],
    ['nei', undefined],
  ])('%s', (pauser, pauses) => expect(meeting({ pauser }).pauses).toEqual(pauses));

  test.each([
    ['fellesferien'],
    ['31.2.2026'],
    ['14.8.2026-22.6.2026'],
    ['uke 28-99'],
    ['1.1.2026-31.12.2026'],
  ])('%s is shown as it stands', (pauser) => {
    const reading = one({ pauser });
    expect(reading.accepted[0]).toMatchObject({ notes: { nb: `pauser: ${pauser}` } });
    expect(warned(reading)).toContain('pause-unread');
  });

  test.each([
    [{ helligdager: 'stengt' }],
    [{ helligdager: 'nei' }],
    [{ 'stengt på helligdager': 'ja' }],
    [{ merknad: 'Ikke møte på helligdager.' }],
  ])('%j', (cells: Record<string, string>) => expect(meeting(cells).closedOnHolidays).toBe(true));
  test('open on holidays', () =>
    expect(meeting({ helligdager: 'ja' })).not.toHaveProperty('closedOnHolidays'));
});

describe('what must not come in', () => {
  test('contact persons', () => {
    const reading = one({
      kontaktperson: 'Kari Nordmann',
      tlf: '905 29 359',
      'e-post': 'kari@example.org',
      ansvarlig: 'Ola',
    });
    expect(warned(reading).filter((reason) => reason === 'contact-column')).toHaveLength(4);
    expect(JSON.stringify(reading)).not.toMatch(/Nordmann|905|example|Ola/);
  });
  test.each([
    ['Ring Kari på 905 29 359.', 'Ring Kari på […].'],
    ['Tlf: 90529359', ''],
    ['Mobil 90.52.93.59', ''],
    ['Ring 22 40 00 40 nå', 'Ring […] nå'],
    ['Ring 0047 905 29 359 nå', 'Ring […] nå'],
    ['Spørsmål? kari (at) example.org', 'Spørsmål? […]'],
    ['+47 90 52 93 59 eller 22 40 00 40', ''],
  ])('%s', (merknad, kept) => {
    const reading = one({ merknad });
    expect(reading.accepted[0]?.notes.nb ?? '').toBe(kept);
    expect(warned(reading)).toContain('contact-removed');
  });
  test.each([
    ['Møte-ID 912 3456 7890, kode 123456'],
    ['Fra 22.06.2026 til 14.08.2026'],
    ['Åpent 18.30-20.00, siden 2019-2020'],
    ['Buss 12 og 14, rom 203'],
    ['Møter 18.30 20.00 21.30, stengt 22.6 24.8 28.9'],
    ['Ny adresse: Gata 12-14 0184 Oslo'],
    ['Stengt 2026-06-22 og 24.12.2026 31.12.2026'],
    ['22.6.-14.8.2026'],
  ])('%s stays', (merknad) => expect(meeting({ merknad }).notes.nb).toBe(merknad));
  test('a full name is pointed out', () => {
    expect(warned(one({ merknad: 'Kontakt: Kari Nordmann' }))).toContain('last-name');
    expect(warned(one({ merknad: 'Kontakt Kari i døra' }))).not.toContain('last-name');
  });
  test.each([['=HYPERLINK("http://example.org";"x")'], ['=1+1'], ["=cmd|'/c calc'!A1"]])(
    'the formula %s',
    (merknad) => {
      const reading = one({ merknad });
      expect(reading.accepted[0]?.notes).toEqual({});
      expect(warned(reading)).toContain('formula');
    },
  );
  test('a sign that makes a formula is no part of a name', () => {
    for (const navn of ['@Nytt håp', '+ Nytt håp', '=Nytt håp'])
      expect(one({ navn }).accepted[0]?.name ?? '').not.toMatch(/^[=+@-]/);
  });
  test('control characters', () =>
    expect(meeting({ navn: 'Nytt\u001b[31m håp\u202e' }).name).toBe('Nytt[31m håp'));
});

test('the day it was made sure of is told, and is never in the future', () => {
  expect(meeting({ bekreftet: '1.11.2026' }).confirmed).toBe('2026-11-01');
  expect(meeting({ bekreftet: '1.11.2027' }).confirmed).toBe('2026-11-22');
  expect(meeting({}).confirmed).toBe('2026-11-22');
});

test('an example is one by its name, and a street of that name is none', () => {
  const reading = read(
    lines(
      'dag;tid;navn;adresse;postnr',
      'mandag;19;Eksempel;Gata 1;4616',
      'mandag;19;Nytt håp;Eksempelgata 1;4616',
    ),
    csv,
  );
  expect([reading.accepted.length, refused(reading)]).toEqual([1, { 2: 'example-row' }]);
});

test('ids say what the meeting is, or are the list’s own', () => {
  expect(meeting({}).id).toBe('agder-nytt-hap-2-19-00-4616');
  expect(meeting({ id: 'KRS 7' }).id).toBe('agder-krs-7');
  expect(one({ id: 'KRS 7', dag: 'mandag og onsdag' }).accepted.map(({ id }) => id)).toEqual([
    'agder-krs-7-1',
    'agder-krs-7-3',
  ]);
});

test('every reason has a sentence in every language, which names what was written', () => {
  for (const language of languages) {
    expect(sentence({ reason: 'day-number', value: '2$&' }, language)).toContain('2$&');
    expect(sentence({ reason: 'time-missing' }, language)).toMatch(/19:00/);
  }
});
