/** The thread in which passwords are compared. JavaScript, as a thread begins with a file that Node reads itself. */
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

parentPort.on('message', ({ password, hash }) => parentPort.postMessage(compareSync(password, hash)));
