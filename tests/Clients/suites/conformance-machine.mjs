// The protocol's own conformance suite, with the requirements of both eras, against the daemon over HTTP.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { daemon } from '../lib/daemon.mjs';

const file = name => fileURLToPath(new URL(`../${name}`, import.meta.url));

// What is expected to fail, and why, is in these files: mostly scenarios that ask for tools made for them.
export default async function conformanceOnMachine(check) {
    for (const revision of ['2026-07-28', '2025-11-25']) {
        await check(`all that is required by ${revision} and not in conformance-${revision}.yml holds`, () => run(revision), { code: 0, words: '' });
    }
}

// A daemon for each: what one revision's scenarios subscribe to does not disturb the other's.
function run(revision) {
    return daemon('anonymous_role = "admin"', async url => {
        const results = await mkdtemp(join(tmpdir(), 'conformance-'));
        const suite = spawn(process.execPath, [
            file('node_modules/@modelcontextprotocol/conformance/dist/index.js'), 'server', '--url', url, '--requirements', revision,
            '--expected-failures', file(`conformance-${revision}.yml`), '--output-dir', results,
        ], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 });
        const ended = new Promise((resolve, reject) => suite.on('error', reject).on('close', resolve));
        const [output, errors, code] = await Promise.all([text(suite.stdout), text(suite.stderr), ended]);
        await rm(results, { recursive: true });
        return { code, words: code === 0 ? '' : `${output}\n${errors}`.slice(-3000) };
    });
}
