import { ExporterError, systemCode, systemReason } from '../../errors.ts';

/** What keeps a path from being read, as a person can mend it. */
export function inputFault(path: string, error: unknown): ExporterError {
  if (error instanceof ExporterError) return error;
  if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR')
    return new ExporterError('INPUT_MISSING', `${path} does not exist`, {
      advice: "It is read as soon as it appears. Is Falco's file_output on, and does it write to this path?",
    });
  return new ExporterError('INPUT_UNREADABLE', `${path} can't be read: ${systemReason(error)}`, {
    advice: 'Let the user that this process runs as read the file, and enter its directory.',
    cause: error,
  });
}
