// The protocol's own conformance suite, with the requirements of both eras, against the daemon over HTTP: as users get it, and
// with the tools, resources and prompts that the scenarios are made for.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { daemon } from '../lib/daemon.mjs';
import { conformanceHost } from '../lib/servers.mjs';

const file = name => fileURLToPath(new URL(`../${name}`, import.meta.url));

const ADMIN = 'anonymous_role = "admin"';
// The operator's own prompts, which a tool of the scenarios changes.
const PROMPTS = '[prompts]\ndirectory = "DIR/prompts"';

// A daemon for each: what one revision's scenarios subscribe to does not disturb the other's. Against the daemon as users get it
// the scenarios fail that ask for what was made for them: which, and why, is in the files. Nothing else may, and none where that is there.
export default async function conformanceOnMachine(check) {
    for (const revision of ['2026-07-28', '2025-11-25']) {
        const expected = `conformance-${revision}.yml`;
        await check(`all that is required by ${revision} and not in ${expected} holds`,
            () => daemon(ADMIN, url => run(url, revision, expected)), { code: 0, words: '' });
        await check(`all that is required by ${revision} holds where there is what the scenarios ask for`,
            () => daemon(`${ADMIN}\n${PROMPTS}`, url => run(url, revision, 'conformance-host.yml'), conformanceHost), { code: 0, words: '' });
    }
}

async function run(url, revision, expected) {
    const results = await mkdtemp(join(tmpdir(), 'conformance-'));
    const suite = spawn(process.execPath, [
        file('node_modules/@modelcontextprotocol/conformance/dist/index.js'), 'server', '--url', url, '--requirements', revision,
        '--expected-failures', file(expected), '--output-dir', results,
    ], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 });
    const ended = new Promise((resolve, reject) => suite.on('error', reject).on('close', resolve));
    const [output, errors, code] = await Promise.all([text(suite.stdout), text(suite.stderr), ended]);
    await rm(results, { recursive: true });
    return { code, words: code === 0 ? '' : `${output}\n${errors}`.slice(-3000) };
}
