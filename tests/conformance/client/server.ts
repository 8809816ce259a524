// Runs the demo server during the tests.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.ATELIER_BIN ?? fileURLToPath(new URL('../../../../target/debug/atelier', import.meta.url));

export interface Demo {
  address: string;
  /** The printed API key of each role, by its label. */
  keys: Map<string, string>;
  stop(): void;
}

export async function demo(): Promise<Demo> {
  const server = spawn(BINARY, ['demo', '--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => server.kill());
  let output = '';
  return await new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`${BINARY} does not start (${error.message}); is it built?`)));
    server.once('exit', (code) => reject(new Error(`${BINARY} ended with ${code} and printed:\n${output}`)));
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (address && output.includes('Ctrl-C stops it')) {
        const keys = [...output.matchAll(/^ {2}(atl_\S+) {2}(.+)$/gm)].map(([, key, about]) => [about!, key!] as const);
        resolve({ address, keys: new Map(keys), stop: () => void server.kill() });
      }
    });
  });
}
