// aws4 of npm in the conformance kit: sigv4 conformance --lines 'node aws4.mjs FOLDER_OF_PACKAGES'
import { body, packages, parts, serve } from './lines.mjs'

const aws4 = packages('aws4')

function options(question, more) {
  const { authority, target } = parts(question)
  const host = authority.split('@').pop()
  const headers = { Host: host, ...more }
  for (const [name, value] of question.headers) headers[name] = name in headers ? `${headers[name]},${value}` : value
  const given = question.headers.map(([name]) => name.toLowerCase())
  // What it adds to a body of its own accord is sent, and not signed.
  const extraHeadersToIgnore = Object.fromEntries(['content-length', 'content-type'].filter((name) => !given.includes(name)).map((name) => [name, true]))
  return { extraHeadersToIgnore, service: question.service, region: question.region, method: question.method, path: target, headers, body: body(question.body) }
}
const keys = (question) => ({
  accessKeyId: question.access_key_id,
  secretAccessKey: question.secret_access_key,
  sessionToken: question.session_token ?? undefined,
})
const only4 = (run) => (question) => (question.region_set ? { skip: 'it has no 4A' } : run(question))

await serve({
  sign: only4((question) => {
    const asked = options(question, { 'X-Amz-Date': question.at })
    const signed = aws4.sign(asked, keys(question))
    for (const name of Object.keys(asked.extraHeadersToIgnore)) {
      for (const sent of Object.keys(signed.headers)) if (sent.toLowerCase() === name) delete signed.headers[sent]
    }
    return { headers: signed.headers, url: `${parts(question).scheme}://${parts(question).authority}${signed.path}` }
  }),
  presign: only4((question) => {
    const asked = options(question, {})
    asked.signQuery = true
    asked.path += `${asked.path.includes('?') ? '&' : '?'}X-Amz-Date=${question.at}&X-Amz-Expires=${question.expires}`
    const signed = aws4.sign(asked, keys(question))
    delete signed.headers.Host
    return { url: `${parts(question).scheme}://${parts(question).authority}${signed.path}`, headers: signed.headers }
  }),
})
