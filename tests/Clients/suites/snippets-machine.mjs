// What the documents tell people to type or to paste for their client: each is taken from there, with the path of the program put
// in, and started as that client starts it: it has to introduce itself and to list its tools.

import { readFile } from 'node:fs/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { daemon, tokens } from '../lib/daemon.mjs';
import { listTools } from '../lib/inspector.mjs';
import { session } from '../lib/sdk.mjs';
import { coxswain } from '../lib/servers.mjs';
import { names } from '../lib/tools.mjs';

const documents = ['README.md', 'deploy/README.md'];

export default async function snippetsOnMachine(check) {
    const seen = {};
    for (const document of documents) {
        const text = await readFile(new URL(`../../../${document}`, import.meta.url), 'utf8');
        for (const { language, body } of blocks(text)) {
            for (const snippet of language === 'json' ? [inJson(body)] : body.split('\n').map(inCommand)) {
                if (snippet) {
                    seen[snippet.client] = (seen[snippet.client] ?? 0) + 1;
                    await check(`${document}: ${snippet.client}: ${snippet.shown}`, () => start(snippet), names.join());
                }
            }
        }
    }
    await check('there is one for each client', Object.keys(seen).sort(), ['Claude Code', 'Claude Code, HTTP', 'Claude Desktop', 'Inspector', 'VS Code']);
}

/** The fenced blocks of a document. */
const blocks = text => [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].map(([, language, body]) => ({ language, body }));

/** A file of settings: of Claude Desktop and others, or of VS Code, which wants to know the way too. */
function inJson(body) {
    const { mcpServers, servers, ...others } = JSON.parse(body);
    const server = (mcpServers ?? servers)?.coxswain;
    if (!server || Object.keys(others).length > 0 || servers && server.type !== 'stdio') {
        throw new Error(`no settings of a client: ${body}`);
    }
    return { client: mcpServers ? 'Claude Desktop' : 'VS Code', shown: body.trim(), command: [server.command, ...server.args] };
}

/** A command line; undefined where it is none of a client. */
function inCommand(line) {
    const words = line.match(/"[^"]*"|\S+/g)?.map(word => word.replaceAll('"', '')) ?? [];
    if (line.startsWith('npx @modelcontextprotocol/inspector ')) {
        return { client: 'Inspector', shown: line, command: words.slice(2) };
    }
    if (!line.startsWith('claude mcp add ')) {
        return undefined;
    }
    const stop = words.indexOf('--');
    if (stop > 0) {
        return { client: 'Claude Code', shown: line, command: words.slice(stop + 1) };
    }
    const [url] = words.filter(word => word.startsWith('http://'));
    const header = words[words.indexOf('--header') + 1].split(': ');
    return { client: 'Claude Code, HTTP', shown: line, url, header };
}

/** Starts it and returns the names of its tools. */
async function start({ client, command, url, header }) {
    const toNames = tools => tools.map(tool => tool.name).join();
    if (url) {
        return daemon('tokens_file = "DIR/tokens"', async served => {
            if (new URL(url).pathname !== new URL(served).pathname) {
                throw new Error(`it is not served at ${url}`);
            }
            const transport = new StreamableHTTPClientTransport(new URL(served), { requestInit: { headers: { [header[0]]: header[1].replace('TOKEN', tokens.admin) } } });
            const sdk = new Client({ name: 'snippet', version: '1' });
            await sdk.connect(transport);
            try {
                return toNames((await sdk.listTools()).tools);
            } finally {
                await sdk.close();
            }
        });
    }
    const server = { command: onThisMachine(command), environment: {} };
    if (client === 'Inspector') {
        return toNames((await listTools(server, 'legacy')).result.tools);
    }
    let found;
    await session(server, async (sdk, tools) => found = toNames(tools));
    return found;
}

/** The program that is tested in the place of the installed one; and without privileges, so that this machine's scheduler stays as it is. */
function onThisMachine(command) {
    const [program, ...rest] = command[0] === 'sudo' ? command.slice(1) : command;
    if (!program.endsWith('/coxswain')) {
        throw new Error(`it does not start coxswain: ${command.join(' ')}`);
    }
    return [...coxswain, ...rest];
}
