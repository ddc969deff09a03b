// A server's process with bare JSON-RPC lines, for what no client shows.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { lastWords } from './servers.mjs';

/** Starts a server; `lines` is all it wrote to standard output, `errors` to standard error. */
export class Process {
    lines = [];
    errors = '';
    #waiting = new Map();
    #gone;

    constructor(command) {
        this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
        this.child.stdin.on('error', () => {}); // it has ended; the requests fail below
        this.child.stderr.setEncoding('utf8').on('data', part => this.errors += part);
        createInterface({ input: this.child.stdout }).on('line', line => this.#read(line));
        this.ended = new Promise(resolve => this.child.on('error', resolve).on('close', resolve));
        this.#gone = this.ended.then(code => Promise.reject(new Error(`the server ended with ${code}: ${lastWords(this.errors)}`)));
        this.#gone.catch(() => {}); // only of interest to those who wait for an answer
    }

    send(text) {
        this.child.stdin.write(`${text}\n`);
    }

    notify(method, params) {
        this.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
    }

    /** Sends a request; returns the response, whether result or error. */
    async request(id, method, params) {
        const response = new Promise(resolve => this.#waiting.set(id, resolve));
        this.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
        return Promise.race([response, this.#gone]);
    }

    /** Closes standard input and waits; what is still there after the limit is killed. */
    async close(limit_s) {
        let killed = false;
        this.child.stdin.end();
        const timer = setTimeout(() => killed = this.child.kill('SIGTERM'), limit_s * 1000);
        const code = await this.ended;
        clearTimeout(timer);
        return { code, ended: killed ? 'only when killed' : 'by itself' };
    }

    #read(line) {
        this.lines.push(line);
        try {
            const message = JSON.parse(line);
            this.#waiting.get(message.id)?.(message);
        } catch {
            // The suite finds it among the lines.
        }
    }
}
