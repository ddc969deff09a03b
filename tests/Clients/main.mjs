// Runs the suites that were asked for and prints the summary: those on this machine one after the other, and beside them those in
// the guest, which mostly wait for it.

import { checks, summary } from './lib/checks.mjs';
import { guest, machine } from './lib/servers.mjs';
import conformanceOnMachine from './suites/conformance-machine.mjs';
import everythingOnMachine from './suites/everything-machine.mjs';
import httpOnMachine from './suites/http-machine.mjs';
import inspectorInGuest from './suites/inspector-guest.mjs';
import inspectorOnMachine from './suites/inspector-machine.mjs';
import sdkInGuest from './suites/sdk-guest.mjs';
import sdkOnMachine from './suites/sdk-machine.mjs';
import snippetsOnMachine from './suites/snippets-machine.mjs';
import stdout from './suites/stdout.mjs';

// The first one in the guest is the one with the most patience: it may have to download a kernel.
const suites = {
    'stdout-machine': check => stdout(check, machine),
    'inspector-machine': inspectorOnMachine,
    'everything-machine': everythingOnMachine,
    'sdk-machine': sdkOnMachine,
    'http-machine': httpOnMachine,
    'snippets-machine': snippetsOnMachine,
    'conformance-machine': conformanceOnMachine,
    'stdout-guest': check => stdout(check, guest),
    'inspector-guest': inspectorInGuest,
    'sdk-guest': sdkInGuest,
};

const wanted = process.argv.slice(2);
const chosen = name => wanted.length === 0 || wanted.some(word => name === word || name.startsWith(`${word}-`));
const unknown = wanted.filter(word => !Object.keys(suites).some(name => name === word || name.startsWith(`${word}-`)));
if (unknown.length > 0) {
    console.error(`no such suite: ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`);
    process.exit(2);
}

await Promise.all(['-machine', '-guest'].map(async place => {
    for (const [name, suite] of Object.entries(suites)) {
        if (!name.endsWith(place) || !chosen(name)) {
            continue;
        }
        const check = checks(name);
        try {
            await suite(check);
        } catch (error) {
            // A suite whose server does not even start cannot go on.
            check.failed('goes through to its end', error);
        }
    }
}));
process.exitCode = summary();
