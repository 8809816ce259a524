// The demo server, for as long as a test runs.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.ATELIER_BIN ?? fileURLToPath(new URL('../../../../target/debug/atelier', import.meta.url));

export interface Demo {
  address: string;
  /** A key of each role to try, by what it is for. */
  keys: Map<string, string>;
  stop(): void;
}

export async function demo(): Promise<Demo> {
  const server = spawn(BINARY, ['demo', '--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => server.kill());
  let said = '';
  return await new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`${BINARY} does not start (${error.message}); is it built?`)));
    server.once('exit', (code) => reject(new Error(`${BINARY} ended with ${code} and said:\n${said}`)));
    server.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (address && said.includes('Ctrl-C stops it')) {
        const keys = [...said.matchAll(/^ {2}(atl_\S+) {2}(.+)$/gm)].map(([, key, about]) => [about!, key!] as const);
        resolve({ address, keys: new Map(keys), stop: () => void server.kill() });
      }
    });
  });
}
