/** Files as people have them: renamed, copied, linked, cut, compressed, out of sight, blocked. */
import { ABSENCE } from './absence.ts';
import { BLOCKING } from './blocking.ts';
import { PATTERNS } from './glob.ts';
import { LINES } from './lines.ts';
import { ROTATED_NAMES } from './names.ts';
import { ROTATION } from './rotation.ts';
import { SPELLING } from './spelling.ts';
import { play } from './table.ts';
import { TRUNCATION } from './truncation.ts';
import { UPGRADES } from './upgrade.ts';
import { ABSENCE_VARIANTS } from './variants/absence.ts';
import { LINE_VARIANTS } from './variants/lines.ts';
import { PATTERN_VARIANTS } from './variants/patterns.ts';
import { ROTATION_VARIANTS } from './variants/rotation.ts';

play({
  ...ABSENCE,
  ...BLOCKING,
  ...PATTERNS,
  ...LINES,
  ...ROTATED_NAMES,
  ...ROTATION,
  ...SPELLING,
  ...TRUNCATION,
  ...UPGRADES,
  ...ABSENCE_VARIANTS,
  ...LINE_VARIANTS,
  ...PATTERN_VARIANTS,
  ...ROTATION_VARIANTS,
});
