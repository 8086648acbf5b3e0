/** What leaves the page: one event to the clipboard, those that are listed as a file. */

export async function copy(button, text) {
  const before = button.textContent;
  const said = await copyText(text).then(
    () => 'Copied',
    () => 'The browser did not let us copy',
  );
  button.textContent = said;
  setTimeout(() => {
    button.textContent = before;
  }, 2000);
}

/** Without TLS a browser has no clipboard for pages of other machines. */
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('not copied');
}

/** As they were printed, one a line. */
export function exportEvents(events) {
  const lines = events.filter(({ line }) => line !== null);
  const text = lines.map(({ line }) => `${line.replace(/[\r\n]/g, ' ')}\n`).join('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  link.download = 'falco-events.ndjson';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
