// @ts-check
// The buttons of the printed plan: printing, and hiding so that the way back in the browser does not lead here again.

document.getElementById('print')?.addEventListener('click', () => print());
document.getElementById('hide')?.addEventListener('click', (event) => {
  event.preventDefault();
  location.replace('/chat/away');
});
