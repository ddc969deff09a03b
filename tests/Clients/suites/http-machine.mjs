// The daemon over HTTP: the Inspector in both protocol eras, and the TypeScript SDK's client.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { daemon, tokens } from '../lib/daemon.mjs';
import { at, callTool, listTools } from '../lib/inspector.mjs';
import { checkTools, fits } from '../lib/tools.mjs';

export default function httpOnMachine(check) {
    return daemon('tokens_file = "DIR/tokens"', async url => {
        for (const era of ['legacy', 'modern']) {
            const list = await listTools(at(url, tokens.admin), era);
            await checkTools(check, era, list);
            const call = (token, tool, args) => callTool(at(url, token), era, tool, args);
            const { code, result } = await call(tokens.control, 'prioritize_pods', { class: 'latency_critical', namespace: 'free5gc', label_selector: 'app=upf' });
            await check(`${era}: a change is made`, { code, schema: fits(list.result.tools, 'prioritize_pods', result), result: result.structuredContent },
                { code: 0, schema: true, result: { simulated: true, pods_total: 2, visible_in_kernel: true } });
            await check(`${era}: it tells who made it`, async () => (await call(tokens.observe, 'list_changes')).result.structuredContent.changes[0].by, /\(token control\)$/);
            await check(`${era}: a tool beyond the role is not there`, () => call(tokens.observe, 'revert', { all: true }), { code: 5, error: { code: 'tool_not_found' } });
            await check(`${era}: the change is taken back`, async () => (await call(tokens.control, 'revert', { all: true })).result.structuredContent, { reverted: 1, remaining_active: 0 });
            await check(`${era}: without a token nobody gets in`, () => call('', 'get_status').then(({ code }) => code, () => 'no result'), code => code !== 0);
        }

        const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${tokens.observe}` } } });
        const client = new Client({ name: 'sdk-test', version: '7' });
        await client.connect(transport);
        await check('the SDK: only tools that look are listed', (await client.listTools()).tools, tools => tools.length > 3 && tools.every(tool => tool.annotations.readOnlyHint));
        await check('the SDK: a tool answers', async () => (await client.callTool({ name: 'list_pods', arguments: { namespace: 'batch' } })).structuredContent, { simulated: true, total: 4 });
        await check('the SDK: a tool beyond the role is refused, whatever the list says', () => client.callTool({ name: 'revert', arguments: { all: true } }), {
            isError: true, content: [{ text: /^revert: it is for the role control, and token observe has the role observe\./ }],
        });
        await client.close();
    });
}
