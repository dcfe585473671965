// @ts-check
// The print button of the printed plan: a page under a strict policy can't print from its markup. Does nothing else.

document.getElementById('print')?.addEventListener('click', () => print());
