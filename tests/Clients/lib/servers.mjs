// The two servers that are checked: the program on this machine, and in a kernel that has sched_ext.

import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Seconds that a guest may take to boot and load the scheduler, three attempts at booting included. */
export const START_LIMIT_S = 240;

// Root gives up its rights first, so that this machine's scheduler stays as it is, whatever its kernel can do.
const unprivileged = process.getuid() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'] : [];

/** The command line of the program, but for its own arguments. */
export const coxswain = [...unprivileged, `${root}artifacts/bin/coxswain`];

/** The same of the program that has, beside all that, what the protocol's conformance suite asks for. */
export const conformanceHost = [...unprivileged, `${root}artifacts/bin/Coxswain.ConformanceHost/release_linux-x64/Coxswain.ConformanceHost`];

/** A server: the command line that starts it, and the environment that it needs beyond the usual. */
export const machine = {
    name: 'machine',
    command: [...coxswain, 'mcp'],
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
