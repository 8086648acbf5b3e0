/** Times as the reader wants them: of this machine or in UTC, always with the date and the zone said. */

const zone = { utc: false };

/** Date and time, so that yesterday's is not taken for today's. */
export function localTimes(within) {
  for (const time of within.querySelectorAll('time.clock')) localTime(time);
}

export function localTime(time) {
  const date = new Date(time.dateTime);
  if (Number.isNaN(date.getTime())) return;
  const local = new Date(date.getTime() - (zone.utc ? 0 : date.getTimezoneOffset() * 60_000));
  const text = local.toISOString().replace('T', ' ').slice(0, 19);
  if (time.textContent !== text) time.textContent = text;
  time.title = time.dateTime;
}

export function switchZone() {
  zone.utc = !zone.utc;
  sayZone();
}

/** @returns "UTC", or "UTC+02:00" of this machine */
export function zoneName() {
  if (zone.utc) return 'UTC';
  const minutes = -new Date().getTimezoneOffset();
  const two = (number) => String(Math.floor(number)).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

export function sayZone() {
  document.getElementById('zone').textContent = zone.utc
    ? 'Times in UTC'
    : `Times in local time, ${zoneName()}`;
  localTimes(document);
}

/** A moment: RFC 3339, or milliseconds since the epoch as Grafana gives them. */
export function moment(text) {
  return /^\d{11,}$/.test(text) ? Number(text) : Date.parse(text);
}
