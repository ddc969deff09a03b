// What an agent does, in one session of the TypeScript SDK's client with a real kernel.

import { setTimeout as sleep } from 'node:timers/promises';
import { session } from '../lib/sdk.mjs';
import { guest } from '../lib/servers.mjs';

export default async function sdkInGuest(check) {
    await session(guest, async (client, tools) => {
        const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;
        const refusal = async (name, args) => {
            const { isError, structuredContent, content } = await client.callTool({ name, arguments: args });
            return { isError, structuredContent, text: content[0].text };
        };
        const isSleep = { command: 'sleep', protected: undefined };

        const status = await call('get_status');
        await check('get_status: the scheduler is attached', status, {
            attached: true, reason: undefined, mode: /./, policy: /./, active_changes: 0, kernel: { sched_ext_state: 'enabled', scheduler: /^coxswain/ },
        });
        // Said once in the list: where one chooses.
        const explains = (name, value) => check(`get_status: ${name} explains ${value} to the agent`, JSON.stringify(tools.find(tool => tool.name === name)), new RegExp(`\\b${value}\\b`));
        await explains('set_mode', status.mode);
        await explains('set_policy', status.policy);
        const { tasks } = await call('list_tasks', { command: '^sleep$' });
        await check('list_tasks: the task has no class yet', tasks, [{ ...isSleep, class: undefined, change_ids: undefined }]);
        const { pid } = tasks[0];

        const change = await call('prioritize_tasks', { class: 'latency_critical', pids: [pid], ttl_seconds: 600, reason: 'sleeps badly' });
        await check('prioritize_tasks: it has one, read back from the kernel', change, {
            change_id: /^chg_/, already_active: false, ttl_seconds: 600, applied: 1, visible_in_kernel: true, tasks_truncated: false, skipped: [],
            tasks: [{ pid, process_pid: pid, command: 'sleep', class: 'latency_critical', expires_in_seconds: left => left > 590 && left <= 600 }],
        });
        const { change_id } = change;
        await check('list_tasks: it shows the class', () => call('list_tasks', { pid }), {
            tasks: [{ ...isSleep, pid, class: 'latency_critical', change_ids: [change_id], expires_in_seconds: left => left > 500 && left <= 600 }],
        });
        await check('list_changes: one, by this client', () => call('list_changes', { response_format: 'detailed' }), {
            active: 1, total: 1, returned: 1,
            changes: [{
                change_id, state: 'active', class: 'latency_critical', pids: [pid], threads: 1, thread_pids: [pid], by: 'sdk-test 7',
                reason: 'sleeps badly', expires_in_seconds: left => left > 500 && left <= 600, ended_by: undefined,
            }],
        });
        await check('get_status: one change is in force', () => call('get_status'), { attached: true, active_changes: 1 });
        await check('prioritize_tasks: the same again renews', () => call('prioritize_tasks', { class: 'latency_critical', pids: [pid] }), { change_id, already_active: true });

        await check('revert: gone from the kernel', () => call('revert', { change_ids: [change_id] }), {
            reverted: 1, changes: [{ change_id, ended_by: 'reverted' }], not_found: undefined, threads_restored: 1, gone_from_kernel: true, remaining_active: 0,
        });
        await check('list_changes: none', () => call('list_changes'), { active: 0, total: 0, changes: [] });
        await check('list_changes: and the one that has ended', () => call('list_changes', { include_ended: true }), {
            active: 0, total: 1, changes: [{ change_id, state: 'ended', ended_by: 'reverted', expires_in_seconds: 0 }],
        });
        await check('list_tasks: the task has no class any more', () => call('list_tasks', { pid }), { tasks: [{ ...isSleep, pid, class: undefined, change_ids: undefined }] });

        await check('set_timeslice: read back from the kernel', () => call('set_timeslice', { slice_us: 5000, command: '^sleep$', ttl_seconds: 2 }), {
            applied: 1, visible_in_kernel: true, tasks: [{ pid, slice_us: 5000, class: undefined, expires_in_seconds: left => left > 0 && left <= 2 }],
        });
        await sleep(4000);
        await check('list_changes: it has ended by itself', () => call('list_changes', { include_ended: true, limit: 1 }), {
            active: 0, total: 2, changes: [{ slice_us: 5000, command: '^sleep$', state: 'ended', ended_by: 'expired' }],
        });
        await check('list_tasks: and is gone', () => call('list_tasks', { pid }), { tasks: [{ ...isSleep, pid, slice_us: undefined, change_ids: undefined }] });

        await check('prioritize_tasks: init is protected', () => refusal('prioritize_tasks', { class: 'low', pids: [pid, 1] }), {
            isError: true, structuredContent: undefined,
            text: /^prioritize_tasks: pid 1 \(.+\) is protected: process 1 \(init\)\. Protected are .*: name other tasks\. Nothing was changed\.$/,
        });
        await check('set_timeslice: nobody is not there', () => refusal('set_timeslice', { slice_us: 1000, pids: [4194304] }), {
            isError: true, structuredContent: undefined,
            text: 'set_timeslice: pid 4194304 does not exist (any more). list_tasks shows what can be named. Nothing was changed.',
        });
        await check('list_changes: refusals changed nothing', () => call('list_changes', { include_ended: true }), { active: 0, total: 2 });
    });
}
