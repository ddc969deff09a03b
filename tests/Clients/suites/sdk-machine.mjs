// The client of the TypeScript SDK against the program on this machine.

import { session } from '../lib/sdk.mjs';
import { machine } from '../lib/servers.mjs';
import { names } from '../lib/tools.mjs';

export default async function sdkOnMachine(check) {
    await session(machine, async (client, tools) => {
        await check('the server introduces itself', client.getServerVersion(), { name: 'coxswain', title: /./, version: /^\d+\.\d+\.\d+$/ });
        await check('with instructions for the model', client.getInstructions(), /get_status/);
        await check('the tools are these', tools.map(tool => tool.name), names);

        const status = await client.callTool({ name: 'get_status' });
        await check('get_status tells why there is no scheduler', status.structuredContent, { attached: false, reason: /./, active_changes: 0 });
        await check('a change is refused for the same reason',
            () => client.callTool({ name: 'prioritize_tasks', arguments: { class: 'high', command: '^node' } }), {
                isError: true, structuredContent: undefined,
                content: [{ type: 'text', text: text => text.startsWith(`prioritize_tasks: ${status.structuredContent.reason}`) && text.endsWith(' Nothing was changed.') }],
            });
        await check('a wrong type is refused', () => client.callTool({ name: 'list_tasks', arguments: { limit: '5' } }), {
            isError: true, content: [{ text: "list_tasks: 'limit'=\"5\" must be a whole number. Nothing was changed." }],
        });
        const first = (await client.callTool({ name: 'list_tasks', arguments: { sort_by: 'pid', limit: 2 } })).structuredContent;
        await check('a listing goes on with its cursor',
            async () => (await client.callTool({ name: 'list_tasks', arguments: { limit: 2, cursor: first.next_cursor } })).structuredContent,
            { as_of: first.as_of, tasks: rows => rows.length === 2 && rows[0].pid > first.tasks[1].pid });
        await check('a tool that does not exist is an error of the protocol',
            () => client.callTool({ name: 'no_such_tool' }).then(() => 'no error', error => error.code), -32602);
    });
}
