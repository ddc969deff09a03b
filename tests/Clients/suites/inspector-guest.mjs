// MCP Inspector against a real kernel with the scheduler attached.

import { isDeepStrictEqual } from 'node:util';
import { callTool, listTools } from '../lib/inspector.mjs';
import { guest, machine } from '../lib/servers.mjs';
import { fits } from '../lib/tools.mjs';

export default async function inspectorInGuest(check) {
    for (const era of ['legacy', 'modern']) {
        const { code, findings, result: { tools } } = await listTools(guest, era);
        await check(`${era}: the strict check finds nothing wrong with the tools`, { code, findings }, { code: 0, findings: undefined });
        await check(`${era}: the tools are the same as on this machine`, async () => isDeepStrictEqual(tools, (await listTools(machine, era)).result.tools), true);

        await check(`${era}: prioritize_tasks is answered with what the kernel has, and as its schema says`, async () => {
            const args = { class: 'latency_critical', command: '^sleep$', ttl_seconds: 600, reason: 'sleeps badly' };
            const { code, result } = await callTool(guest, era, 'prioritize_tasks', args);
            return { code, ...result, schema: fits(tools, 'prioritize_tasks', result) };
        }, {
            code: 0,
            isError: is => is !== true,
            structuredContent: {
                change_id: /^chg_/, already_active: false, ttl_seconds: 600, applied: 1, visible_in_kernel: true, skipped: [],
                tasks: [{ pid: pid => pid > 1, command: 'sleep', class: 'latency_critical', expires_in_seconds: left => left > 590 && left <= 600 }],
            },
            schema: true,
        });
    }
}
