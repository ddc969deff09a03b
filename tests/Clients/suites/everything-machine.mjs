// MCP Inspector and all that there is: every tool, resource and prompt, in both protocol eras, over HTTP and over standard input
// and output, each in a connection of its own. What else holds for them, and every way to be refused, is in the other suites.

import { CHANGE, experiment, prompts, resources, template, toolCalls } from '../lib/contents.mjs';
import { daemon, tokens } from '../lib/daemon.mjs';
import { at, callTool, getPrompt, list, listTools, readResource } from '../lib/inspector.mjs';
import { coxswain } from '../lib/servers.mjs';
import { fits, names } from '../lib/tools.mjs';

const ERAS = ['legacy', 'modern'];

// The whole takes two minutes: what need not wait for each other is done side by side.
export default async function everythingOnMachine(check) {
    await check('every tool is called', [...new Set([...toolCalls, experiment].map(([name]) => name))].sort(), names);
    await Promise.all([
        ...ERAS.map(era => withDaemon(async places => {
            for (const place of places) {
                await everything(check, place, () => era);
            }
        })),
        // Once by each way: they take more than half a minute, and would hold up the others on their daemons.
        withDaemon(([http]) => experimentIn(check, http, 'modern')),
        withDaemon(([, stdio]) => experimentIn(check, stdio, 'legacy')),
    ]);
    // The server in the client's own process, which keeps nothing from one connection to the next: each in one of the eras, by turns.
    let turn = 0;
    await everything(check, { name: 'mcp --simulate', server: { command: [...coxswain, 'mcp', '--simulate'], environment: {} } }, () => ERAS[turn++ % ERAS.length]);
}

/** One daemon, and the two ways to it. */
const withDaemon = use => daemon('tokens_file = "DIR/tokens"', (url, socket) => use([
    { name: 'HTTP', server: at(url, tokens.admin), keeps: true },
    { name: 'stdio', server: { command: [...coxswain, 'mcp', '--socket', socket], environment: {} }, keeps: true },
]));

async function everything(check, place, nextEra) {
    const { server } = place;
    const lists = new Map();
    for (const era of new Set([nextEra(), nextEra()])) {
        const label = what => `${place.name}, ${era}: ${what}`;
        const { code, findings, result } = await listTools(server, era);
        await check(label('the strict check finds nothing wrong with the tools'), { code, findings, names: result.tools.map(tool => tool.name) }, { code: 0, findings: undefined, names });
        lists.set(era, result.tools);
        await check(label('the resources are these'), async () => (await list(server, era, 'resources')).result.resources.map(resource => resource.uri), resources);
        await check(label('the template is this'), async () => (await list(server, era, 'resources/templates')).result.resourceTemplates.map(found => found.uriTemplate), [template.uriTemplate]);
        await check(label('the prompts are these'), async () => (await list(server, era, 'prompts')).result.prompts.map(prompt => prompt.name), Object.keys(prompts));
    }

    let change;
    for (const [tool, args, expected] of toolCalls) {
        if (args.change_id === CHANGE && !place.keeps) {
            continue;
        }
        const era = nextEra();
        const given = args.change_id === CHANGE ? { ...args, change_id: change } : args;
        const result = await callChecked(check, place, era, lists.get(era), tool, given, expected, JSON.stringify(args));
        change = tool === 'prioritize_pods' ? result?.change_id : change;
    }
    for (const uri of [...resources, template.uri]) {
        const era = nextEra();
        await check(`${place.name}, ${era}: ${uri} is read`, async () => {
            const { code, result } = await readResource(server, era, uri);
            const [{ text, ...content }] = result.contents;
            return { code, ...content, as_of: JSON.parse(text).as_of };
        }, { code: 0, uri, mimeType: 'application/json', as_of: /^\d{4}-/ });
    }
    for (const [name, args] of Object.entries(prompts)) {
        const era = nextEra();
        await check(`${place.name}, ${era}: ${name} is a message with the facts in it`, async () => {
            const { code, result } = await getPrompt(server, era, name, args);
            const text = result.messages.map(message => message.content.text).join('\n');
            return { code, role: result.messages[0].role, isFilledIn: !text.includes('{{'), hasFacts: text.includes('as_of'), hasArguments: Object.values(args).every(value => text.includes(value)) };
        }, { code: 0, role: 'user', isFilledIn: true, hasFacts: true, hasArguments: true });
    }
}

async function experimentIn(check, place, era) {
    const { tools } = (await listTools(place.server, era)).result;
    const [tool, args, expected] = experiment;
    await callChecked(check, place, era, tools, tool, args, expected, JSON.stringify(args));
}

/** Calls a tool, and checks the answer; returns it. */
async function callChecked(check, place, era, tools, tool, args, expected, shownArgs) {
    let structured;
    await check(`${place.name}, ${era}: ${tool} ${shownArgs} is answered, and as its schema says`, async () => {
        const { code, result } = await callTool(place.server, era, tool, args);
        structured = result.structuredContent;
        return { code, isError: result.isError ?? false, result: structured ?? result.content, schema: fits(tools, tool, result) };
    }, { code: 0, isError: false, result: { ...expected, simulated: true }, schema: true });
    return structured;
}
