// @smithy/signature-v4 in the conformance kit: sigv4 conformance --lines 'node smithy.mjs FOLDER_OF_PACKAGES'
import { body, packages, parts, serve } from './lines.mjs'

const { SignatureV4 } = packages('@smithy/signature-v4')
const { Sha256 } = packages('@aws-crypto/sha256-js')
const S3 = ['s3', 's3express', 's3-object-lambda', 's3-outposts']

const signer = (question) => new SignatureV4({
  service: question.service,
  region: question.region,
  credentials: {
    accessKeyId: question.access_key_id,
    secretAccessKey: question.secret_access_key,
    sessionToken: question.session_token ?? undefined,
  },
  sha256: Sha256,
  uriEscapePath: !S3.includes(question.service),
  applyChecksum: [...S3, 'aoss', 'vpc-lattice-svcs'].includes(question.service),
})
const date = ({ at }) => new Date(`${at.slice(0, 4)}-${at.slice(4, 6)}-${at.slice(6, 11)}:${at.slice(11, 13)}:${at.slice(13)}`)

function request(question) {
  const url = new URL(question.url)
  const headers = { host: url.host }
  for (const [name, value] of question.headers) headers[name] = name in headers ? `${headers[name]},${value}` : value
  const query = {}
  for (const [name, value] of url.searchParams) query[name] = name in query ? [query[name], value].flat() : value
  return { method: question.method, protocol: url.protocol, hostname: url.hostname, path: parts(question).target.split('?')[0], query, headers, body: body(question.body) }
}

const only4 = (run) => (question) => (question.region_set ? { skip: 'it has no 4A of its own' } : run(question))

await serve({
  sign: only4(async (question) => ({ headers: (await signer(question).sign(request(question), { signingDate: date(question) })).headers })),
  presign: only4(async (question) => {
    const asked = request(question)
    const { query, headers } = await signer(question).presign(asked, { signingDate: date(question), expiresIn: question.expires })
    const { scheme, authority, target } = parts(question)
    const own = Object.entries(query).filter(([name]) => name.startsWith('X-Amz-')).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    delete headers.host
    return { url: `${scheme}://${authority}${target}${target.includes('?') ? '&' : '?'}${own.join('&')}`, headers }
  }),
})
