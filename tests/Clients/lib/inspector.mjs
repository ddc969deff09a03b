// MCP Inspector's command line: one invocation, one connection.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { lastWords, START_LIMIT_S } from './servers.mjs';

const program = fileURLToPath(new URL('../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url));

/** Lists the tools, with the Inspector's strict check of their schemas. */
export const listTools = (server, era) => inspect(server, era, '--method', 'tools/list', '--strict');

/** Calls a tool. */
export const callTool = (server, era, tool, args = {}) =>
    inspect(server, era, '--method', 'tools/call', '--tool-name', tool, '--tool-args-json', JSON.stringify(args));

/** Lists what is not tools: resources, resources/templates, prompts. */
export const list = (server, era, what) => inspect(server, era, '--method', `${what}/list`);

/** Reads a resource. */
export const readResource = (server, era, uri) => inspect(server, era, '--method', 'resources/read', '--uri', uri);

/** Gets a prompt. */
export const getPrompt = (server, era, name, args) =>
    inspect(server, era, '--method', 'prompts/get', '--prompt-name', name, ...Object.entries(args).flatMap(([key, value]) => ['--prompt-args', `${key}=${value}`]));

/** A server that is reached over HTTP. */
export const at = (url, token) => ({ environment: {}, target: [url, '--transport', 'http', ...(token ? ['--header', `Authorization: Bearer ${token}`] : [])] });

/**
 * Returns the exit code and what the Inspector printed as JSON: the result, what its strict check found, or its own error.
 * An error result of a tool comes with both, result and error.
 */
async function inspect(server, era, ...request) {
    const environment = Object.entries(server.environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const inspector = spawn(process.execPath, [
        program, '--cli', '--protocol-era', era, '--connect-timeout', String(START_LIMIT_S * 1000), '--format', 'json',
        ...environment, ...server.target ?? [], ...request, ...(server.command ? ['--', ...server.command] : []),
    ], { stdio: ['ignore', 'pipe', 'pipe'], timeout: START_LIMIT_S * 1000 });
    const ended = new Promise((resolve, reject) => inspector.on('error', reject).on('close', resolve));
    const [output, errors, code] = await Promise.all([text(inspector.stdout), text(inspector.stderr), ended]);
    // Standard error has what the server logs, and in its last line the Inspector's error.
    const printed = { ...parsed(output), error: parsed(errors.trim().split('\n').at(-1)).error };
    if (!printed.result && (!printed.error || printed.error.code === 'error')) {
        throw new Error(`the Inspector ended with code ${code} and without a result: ${lastWords(errors)}`);
    }
    return { code, result: printed.result, findings: printed.schemaFindings, error: printed.error };
}

function parsed(json) {
    try {
        return JSON.parse(json);
    } catch {
        return {};
    }
}
