// The protocol's own conformance suite, with the requirements of both eras, against the daemon over HTTP: as users get it, and
// with the tools, resources and prompts that the scenarios are made for.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
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
            () => daemon(`${ADMIN}\n${PROMPTS}`, (url, _, operator) => besideOperator(operator, () => run(url, revision, expected))), { code: 0, words: '' });
        await check(`all that is required by ${revision} holds where there is what the scenarios ask for`,
            () => daemon(`${ADMIN}\n${PROMPTS}`, url => run(url, revision, 'conformance-host.yml'), conformanceHost), { code: 0, words: '' });
    }
}

// Lists change when the operator changes the configuration, which the suite cannot do: so it is changed all the time while the suite
// listens, by one tool and one prompt that no scenario is about.
async function besideOperator(operator, work) {
    const prompt = '---\nname: of_the_operator\ntitle: Of the operator\ndescription: Comes and goes.\n---\nLook at get_status.\n';
    let isOver = false;
    const changing = (async () => {
        for (let on = true; !isOver; on = !on) {
            await operator.reconfigure(on ? '[tools]\ndisabled = ["set_policy"]\n' : '', on ? { 'of_the_operator.md': prompt } : {});
            await sleep(400);
        }
    })();
    try {
        return await work();
    } finally {
        isOver = true;
        await changing;
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
