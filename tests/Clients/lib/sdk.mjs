// The client of the TypeScript SDK.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { lastWords, START_LIMIT_S } from './servers.mjs';

/** Connects, lets `use` work with the client, and disconnects. */
export async function session(server, use) {
    const transport = new StdioClientTransport({
        command: server.command[0], args: server.command.slice(1), env: { PATH: process.env.PATH, HOME: process.env.HOME, ...server.environment }, stderr: 'pipe',
    });
    let errors = '';
    transport.stderr.setEncoding('utf8').on('data', part => errors += part);
    const client = new Client({ name: 'sdk-test', version: '7' });
    try {
        await client.connect(transport, { timeout: START_LIMIT_S * 1000 });
        // From here on the client checks each result against the schema of its tool, and throws if it does not fit.
        const { tools } = await client.listTools();
        await use(client, tools);
    } catch (error) {
        throw new Error(`${error.message}: ${lastWords(errors)}`);
    } finally {
        await client.close();
    }
}
