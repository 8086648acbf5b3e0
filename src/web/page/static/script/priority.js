const PRIORITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];

/** 0 is the worst; what Falco doesn't know comes last. */
export function gravity(priority) {
  const at = PRIORITIES.indexOf(priority);
  return at < 0 ? PRIORITIES.length : at;
}

/** Error or worse. */
export function isGrave(priority) {
  return gravity(priority) <= 3;
}

/** A name for the style: what Falco doesn't know is an attacker's text, and no class. */
export function priorityClass(priority) {
  return PRIORITIES.includes(priority) ? `p-${priority}` : 'p-other';
}

/** The priority and those that are worse. */
export function worseThan(priority) {
  return PRIORITIES.slice(0, PRIORITIES.indexOf(priority) + 1);
}
