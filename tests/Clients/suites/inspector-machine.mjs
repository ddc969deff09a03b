// MCP Inspector against the program on this machine: every tool, and every way to be refused.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { callTool, listTools } from '../lib/inspector.mjs';
import { machine } from '../lib/servers.mjs';
import { checkTools, fits } from '../lib/tools.mjs';

export default async function inspectorOnMachine(check) {
    const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' });
    await once(sleeper, 'spawn');
    try {
        for (const era of ['legacy', 'modern']) {
            await checkEra(check, era, sleeper.pid);
        }
    } finally {
        sleeper.kill();
    }
}

async function checkEra(check, era, pid) {
    const list = await listTools(machine, era);
    await checkTools(check, era, list);

    // Lines of two runs are the same.
    const call = (tool, args) => `${era}: ${tool} ${JSON.stringify(args).replaceAll(String(pid), 'PID')}`;
    const answered = async (tool, args, expected) => check(
        `${call(tool, args)} is answered, and as its schema says`, async () => {
            const { code, result } = await callTool(machine, era, tool, args);
            return { code, isError: result.isError ?? false, result: result.structuredContent, schema: fits(list.result.tools, tool, result) };
        }, { code: 0, isError: false, result: expected, schema: true });
    const refused = async (tool, args, problem) => check(
        `${call(tool, args)} is refused: ${problem.length < 150 ? problem : `${problem.slice(0, 150)}...`}`, () => callTool(machine, era, tool, args), {
            code: 5,
            result: { isError: true, structuredContent: undefined, content: [{ type: 'text', text: `${tool}: ${problem}. Nothing was changed.` }] },
        });

    const status = await callTool(machine, era, 'get_status');
    const why = String(status.result?.structuredContent?.reason).replace(/\.$/, '');
    // Only the newer protocol names the server in each result.
    await check(`${era}: it is this protocol that was spoken`, status.result?._meta?.['io.modelcontextprotocol/serverInfo']?.name, era === 'modern' ? 'coxswain' : undefined);
    await answered('get_status', {}, {
        attached: false, reason: text => text.length > 20, mode: undefined, active_changes: 0,
        limits: { max_ttl_seconds: 86400, min_slice_us: 100, max_slice_us: 100000 },
    });

    await answered('list_tasks', {}, { total: n => n > 3, returned: n => n > 3 && n <= 20, tasks: rows => rows.length > 3 && rows.length <= 20 });
    await answered('list_tasks', { limit: 1 }, { returned: 1, tasks: rows => rows.length === 1, next_cursor: /-1$/, truncated_hint: /threads match; showing the first 1 by cpu/ });
    await answered('list_tasks', { sort_by: 'pid', limit: 3 }, { returned: 3, tasks: rows => rows[0].pid < rows[1].pid && rows[1].pid < rows[2].pid });
    await answered('list_tasks', { pid: 1, sort_by: 'pid', limit: 1 }, { tasks: [{ pid: 1, process_pid: 1, protected: 'process 1 (init)' }] });
    await answered('list_tasks', { pid, command: '^sleep$', sort_by: 'wait' }, { total: 1, tasks: [{ pid, process_pid: pid, command: 'sleep', class: undefined, protected: undefined }] });
    await answered('list_tasks', { cgroup: '/no-such-cgroup', sort_by: 'runtime' }, { total: 0, tasks: [], hint: /./ });
    await answered('list_changes', {}, { active: 0, total: 0, changes: [], next_cursor: undefined });
    await answered('list_changes', { include_ended: true, limit: 200 }, { active: 0, total: 0, changes: [] });
    await answered('revert', { all: true }, { reverted: 0, changes: [], threads_restored: 0, gone_from_kernel: true, remaining_active: 0 });

    // Without the scheduler
    await refused('prioritize_tasks', { class: 'latency_critical', pids: [pid], ttl_seconds: 60, reason: 'test' }, `${why}. get_status has the details`);
    await refused('set_timeslice', { slice_us: 2000, command: '^sleep$' }, `${why}. get_status has the details`);
    // Unknown arguments
    await refused('get_status', { verbose: true }, "unknown argument 'verbose' (this tool takes none)");
    await refused('prioritize_tasks', { class: 'high', pids: [pid], ttl: 60 }, "unknown argument 'ttl', did you mean 'ttl_seconds'? (known: class, pids, command, cgroup, unit, uid, budget_pct, ttl_seconds, guard, reason, plan_id, confirm)");
    // Wrong types; not as text, which the Inspector converts itself
    await refused('list_tasks', { limit: [5] }, "'limit'=[5] must be a whole number");
    await refused('prioritize_tasks', { class: 3, pids: [pid] }, "'class'=3 must be a string, one of background, low, normal, high, latency_critical");
    await refused('set_timeslice', { slice_us: 2000.5, pids: [pid] }, "'slice_us'=2000.5 must be a whole number");
    // Out of range
    await refused('list_tasks', { limit: 201 }, "'limit'=201 is above the maximum 200");
    await refused('prioritize_tasks', { class: 'urgent', pids: [pid] }, "'class'=\"urgent\" must be one of background, low, normal, high, latency_critical");
    await refused('prioritize_tasks', { class: 'high', pids: [pid], ttl_seconds: 86401 }, "'ttl_seconds'=86401 is above the maximum 86400");
    await refused('set_timeslice', { slice_us: 99, pids: [pid] }, "'slice_us'=99 is below the minimum 100");
    await refused('set_timeslice', { slice_us: 100001, pids: [0] }, "'slice_us'=100001 is above the maximum 100000; 'pids[0]'=0 is below the minimum 1");
    // Missing, or not there
    await refused('prioritize_tasks', { pids: [pid] }, "missing required argument 'class' (one of background, low, normal, high, latency_critical)");
    await refused('revert', {}, 'nothing is named: give change_ids (list_changes shows them), mine=true or all=true');
    await refused('revert', { change_ids: ['chg_nobody'] }, 'no change has the id chg_nobody; no change is active. list_changes(include_ended=true) shows all that are remembered');
    await refused('list_tasks', { pid: 4194304 }, 'pid 4194304 does not exist (any more); list_tasks without pid shows those that do');
    await check(`${era}: a tool that does not exist is not found`, () => callTool(machine, era, 'no_such_tool'), { code: 5, error: { code: 'tool_not_found' } });
}
