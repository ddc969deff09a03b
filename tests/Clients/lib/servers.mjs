// The two servers that are checked: the program on this machine, and in a kernel that has sched_ext.

import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Seconds that a guest may take to boot and load the scheduler, three attempts at booting included. */
export const START_LIMIT_S = 240;

/** A server: the command line that starts it, and the environment that it needs beyond the usual. */
export const machine = {
    name: 'machine',
    // Root gives up its rights first, so that this machine's scheduler stays as it is, whatever its kernel can do.
    command: [
        ...(process.getuid() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : []),
        `${root}artifacts/bin/coxswain`, 'mcp',
    ],
    environment: {},
};

/** The server beside something to prioritise. */
export const guest = {
    name: 'guest',
    command: inGuest('sleep 1000 & exec coxswain mcp'),
    environment: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('COXSWAIN_'))),
};

/** The command line that runs a script in a guest. */
export function inGuest(script) {
    return [`${root}vm/run`, '--stdio', '--quiet', '--kernel', 'newest', '--', 'sh', '-c', script];
}

/** What a server said at last on standard error, without what its kernel said: usually why it ended. */
export function lastWords(errors) {
    return errors.trim().split('\n').filter(line => !line.trim().startsWith('[kernel]')).slice(-3).join(' | ');
}
