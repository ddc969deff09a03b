// The daemon with its made-up machine, over HTTP.

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { coxswain, lastWords, START_LIMIT_S } from './servers.mjs';

/** A token of each role, as the daemon's file has them. */
export const tokens = { observe: 'observe-0123456789abcdef0123', control: 'control-0123456789abcdef0123', admin: 'admin---0123456789abcdef0123' };

/**
 * Starts a daemon, lets `use` work with its URL, the path of its socket and what its operator can do, and ends it. DIR in the configuration stands for its directory; it begins within
 * [http]. The program is the one that users get unless another one is given.
 */
export async function daemon(http, use, [program, ...prefix] = coxswain) {
    const directory = await mkdtemp(join(tmpdir(), 'coxswain-'));
    const socket = join(directory, 'coxswain.sock');
    const port = await freePort();
    await writeFile(join(directory, 'tokens'), Object.entries(tokens).map(([role, token]) => `${role} ${role} never ${token}\n`).join(''), { mode: 0o600 });
    const config = more => writeFile(join(directory, 'config.toml'), `[http]\nlisten = "127.0.0.1:${port}"\nmax_requests_per_second = 10000\n${http.replaceAll('DIR', directory)}\n${more}`);
    await config('');
    const child = spawn(program, [...prefix, 'serve', '--simulate', '--socket', socket, '--config', join(directory, 'config.toml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', part => errors += part);
    const ended = new Promise(resolve => child.on('error', resolve).on('close', resolve));
    const url = `http://127.0.0.1:${port}/mcp`;
    try {
        const until = performance.now() + START_LIMIT_S * 1000;
        while (!await fetch(url).then(() => true, () => false)) {
            if (child.exitCode !== null || performance.now() > until) {
                throw new Error(`the daemon does not serve: ${lastWords(errors)}`);
            }
            await sleep(50);
        }
        return await use(url, socket, {
            /** Adds lines to the configuration in the place of those added before, and files of prompts; both are read at once. */
            reconfigure: async (lines, prompts = {}) => {
                await config(lines);
                await rm(join(directory, 'prompts'), { recursive: true, force: true });
                await mkdir(join(directory, 'prompts'));
                await Promise.all(Object.entries(prompts).map(([name, text]) => writeFile(join(directory, 'prompts', name), text)));
                child.kill('SIGHUP');
            },
        });
    } finally {
        child.kill('SIGTERM');
        await ended;
        await rm(directory, { recursive: true });
    }
}

function freePort() {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.on('error', reject).listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}
