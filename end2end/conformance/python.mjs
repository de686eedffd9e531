// Programs in Python, from the environment that `cargo xtask test` makes (requirements.txt).
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const BIN = process.env.NEXUS_PYTHON_TOOLS;

/** Runs a program of that environment; `{code, out}` at its end. */
export async function python(program, args, { input = '', cwd } = {}) {
  if (!BIN) throw new Error('NEXUS_PYTHON_TOOLS names the folder of the programs, e.g. <venv>/bin');
  const child = spawn(join(BIN, program), args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { out += text; });
  child.stderr.setEncoding('utf8').on('data', (text) => { err += text; });
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, out, err };
}
