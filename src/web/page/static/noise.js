/** The script of /noise: waits for a look that is under way, and copies the rules file. */
import { copy } from './script/copy.js';

const AGAIN = 2000;

const button = document.getElementById('copy-yaml');
if (button) {
  button.hidden = false;
  button.addEventListener('click', () => void copy(button, document.getElementById('yaml').textContent));
}
if (document.getElementById('reading')) setTimeout(() => location.reload(), AGAIN);
