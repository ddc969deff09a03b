// Nothing but protocol lines on standard output, however much is logged; and the server leaves when its client does.

import { Process } from '../lib/rpc.mjs';
import { guest, inGuest, machine } from '../lib/servers.mjs';
import { names } from '../lib/tools.mjs';

const client = { name: 'lines', version: '1' };
const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': client,
    'io.modelcontextprotocol/clientCapabilities': {},
};

// The guest's kernel tells whether the scheduler is gone after the server.
const script = 'coxswain mcp --log-level trace; echo "ended with $?, scheduler $(cat /sys/kernel/sched_ext/state)" >&2';
const places = new Map([
    [machine, { command: [...machine.command, '--log-level', 'trace'], eras: ['legacy', 'modern'], patience_s: 2, errors: /\[VRB\]/ }],
    [guest, { command: inGuest(script), eras: ['modern'], patience_s: 30, errors: /Scheduler attached[^]*ended with 0, scheduler disabled/ }],
]);

export default async function stdout(check, place) {
    for (const era of places.get(place).eras) {
        await converse(check, places.get(place), era);
    }
}

async function converse(check, { command, patience_s, errors }, era) {
    const server = new Process(command);
    const modern = era === 'modern';
    const ask = (id, method, params = {}) => server.request(id, method, modern ? { ...params, _meta: meta } : params);
    const call = (id, name, args) => ask(id, 'tools/call', { name, arguments: args });
    let end;
    try {
        if (modern) {
            const supported = await ask(1, 'server/discover');
            await check(`${era}: says what it supports`, supported, { result: { supportedVersions: all => all.includes('2026-07-28') } });
            // Stays open, as the Inspector's does.
            server.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'subscriptions/listen', params: { _meta: meta, notifications: { toolsListChanged: true } } }));
        } else {
            const hello = await ask(1, 'initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: client });
            await check(`${era}: introduces itself`, hello, { result: { protocolVersion: '2025-11-25', serverInfo: { name: 'coxswain' } } });
            server.notify('notifications/initialized');
        }
        await check(`${era}: lists its tools`, () => ask(3, 'tools/list'), { result: { tools: tools => tools.length === names.length } });
        await check(`${era}: answers calls`, () => call(4, 'get_status', {}), { result: { isError: is => is !== true } });
        await check(`${era}: answers a call that takes its time`, () => call(5, 'list_tasks', { limit: 1 }), { result: { isError: is => is !== true } });
        await check(`${era}: refuses a call`, () => call(6, 'prioritize_tasks', { class: 'high', pids: [1] }), { result: { isError: true } });
        await check(`${era}: an unknown tool is an error of the protocol`, () => call(7, 'no_such_tool', {}), { error: { code: -32602, message: /no_such_tool/ } });
        await check(`${era}: an unknown method too`, () => ask(8, 'no/such/method'), { error: { code: -32601 } });
        server.send('this is no JSON');
        server.send('{"jsonrpc":"2.0","method":7}');
        await check(`${era}: goes on after lines that are no messages`, () => call(9, 'list_changes', {}), { result: { structuredContent: { total: 0 } } });
    } finally {
        end = await server.close(patience_s);
    }
    await check(`${era}: ends within ${patience_s} s when its input does, with code 0`, end, { ended: 'by itself', code: 0 });
    await check(`${era}: each of ${server.lines.length} lines on standard output is a JSON-RPC message`, server.lines.filter(line => !isMessage(line)), []);
    await check(`${era}: what is logged goes to standard error`, server.errors, errors);
}

function isMessage(line) {
    try {
        const message = JSON.parse(line);
        return message.jsonrpc === '2.0' && (typeof message.method === 'string' || 'result' in message || 'error' in message);
    } catch {
        return false;
    }
}
