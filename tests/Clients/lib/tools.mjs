// What holds for the list of tools, whoever reads it.

import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';

const readers = ['dry_run', 'explain_task', 'find_dependencies', 'get_metrics', 'get_status', 'get_topology', 'list_changes', 'list_pods', 'list_tasks'];
const writers = [
    'apply_strategies', 'extend', 'prioritize_pods', 'prioritize_tasks', 'revert', 'run_experiment', 'set_affinity', 'set_mode', 'set_policy', 'set_timeslice', 'start_scheduler', 'stop_scheduler',
];
/** Names of all tools, sorted. */
export const names = [...readers, ...writers].sort();
const destructive = ['apply_strategies', 'run_experiment', 'set_affinity', 'stop_scheduler'];
const validator = new AjvJsonSchemaValidator();

/** Checks a list that the Inspector printed. */
export async function checkTools(check, era, { code, result, findings }) {
    const tools = result?.tools ?? [];
    await check(`${era}: the strict check finds nothing wrong with the tools`, { code, findings }, { code: 0, findings: undefined });
    await check(`${era}: the tools are these`, tools.map(tool => tool.name), names);
    for (const tool of tools) {
        await check(`${era}: ${tool.name} has all four annotations, and schemas of arguments and result`, tool, {
            annotations: { readOnlyHint: readers.includes(tool.name), destructiveHint: destructive.includes(tool.name), idempotentHint: tool.name !== 'run_experiment', openWorldHint: false },
            inputSchema: { type: 'object', additionalProperties: false },
            outputSchema: { type: 'object', properties: { as_of: { type: 'string' } } },
        });
    }
}

/** True if a result is what the tool's output schema promises, and its text says the same; else what is wrong. */
export function fits(tools, name, { structuredContent, content }) {
    const { outputSchema } = tools.find(tool => tool.name === name);
    const { valid, errorMessage } = validator.getValidator(outputSchema)(structuredContent);
    if (!valid) {
        return errorMessage;
    }
    return content[0].text === JSON.stringify(structuredContent) || 'the text is not the structured content';
}
