// The line protocol of fixtures/vectors/README.md for a signer in node: a function for each operation.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'

// The folder of packages is the program's argument.
export const packages = createRequire(resolve(process.argv[2], 'drivers.cjs'))

export const body = (given) => (given === null || given === undefined ? undefined
  : typeof given === 'string' ? given : Buffer.from(given.base64, 'base64'))

export function parts(question) {
  const url = question.url.split('#')[0]
  const [, scheme, authority, target] = /^([^:]+):\/\/([^/?]*)(.*)$/.exec(url)
  return { scheme, authority, target: target.startsWith('/') ? target : `/${target}` }
}

export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line)
    let answer
    try {
      const run = operations[question.operation]
      answer = run ? await run(question) : { skip: `it has no "${question.operation}"` }
    } catch (error) {
      answer = { error: String(error) }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}
