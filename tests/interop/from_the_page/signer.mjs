// A signer for node, written from docs/protocol.md alone: it is the test of that page.
// Speaks the line protocol of fixtures/vectors/README.md:
//   sigv4 conformance --lines 'node tests/interop/from_the_page/signer.mjs'
// Rule ids in comments are those of the page. Nothing but node's own modules.
import { createECDH, createHash, createHmac, createPrivateKey, sign as ecdsa } from 'node:crypto'
import { createInterface } from 'node:readline'

class Refused extends Error {}
const refuse = (why) => { throw new Refused(why) }

// --- bytes are Buffers; text of one character a byte is 'latin1'
const utf8 = (text) => Buffer.from(text, 'utf8')
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
const EMPTY = sha256('')
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

function escape(bytes, keep = '') {
  let out = ''
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    out += /[A-Za-z0-9\-._~]/.test(char) || keep.includes(char) ? char : '%' + byte.toString(16).toUpperCase().padStart(2, '0')
  }
  return out
}

const decode = (text) => Buffer.from(text.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1')

// --- "What differs between services": one table
const S3 = { s3: true, required: true, window: 900 }
const EVENTS = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'
const S3_LITERALS = ['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
  'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER']
const SERVICES = {
  aoss: { required: true, literals: ['UNSIGNED-PAYLOAD'] },
  'vpc-lattice-svcs': { required: true, unsigned: true, literals: ['UNSIGNED-PAYLOAD'] },
  iotdevicegateway: { tokenLast: true },
  lex: { literals: [EVENTS, 'UNSIGNED-PAYLOAD'] },
}
for (const name of ['s3', 's3-object-lambda', 's3-outposts', 's3express']) SERVICES[name] = { ...S3, literals: S3_LITERALS }
for (const name of ['bedrock', 'health-agent', 'polly', 'qbusiness', 'rekognition', 'sagemaker', 'transcribe']) SERVICES[name] = { literals: [EVENTS] }
for (const name of ['ebs', 'mediastore', 'omics']) SERVICES[name] = { literals: ['UNSIGNED-PAYLOAD'] }
const serviceOf = (name) => ({ literals: [], ...SERVICES[name] })

// CR-HDR-5
const NEVER_SIGNED = new Set(`authorization accept-encoding user-agent expect connection keep-alive proxy-authenticate
  proxy-authorization proxy-connection te trailer transfer-encoding upgrade forwarded max-forwards via x-forwarded-for
  x-forwarded-host x-forwarded-port x-forwarded-proto x-amzn-trace-id traceparent tracestate baggage sec-websocket-accept
  sec-websocket-extensions sec-websocket-key sec-websocket-protocol sec-websocket-version`.split(/\s+/))
// CR-HDR-9
const REPLACED = new Set(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-s3session-token', 'x-amz-region-set'])
const PARAMETERS = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date',
  'X-Amz-Expires', 'X-Amz-Security-Token', 'X-Amz-S3session-Token', 'X-Amz-Region-Set']

// --- the URL: CR-PATH-1, CR-HDR-6
function target(question) {
  if (!TOKEN.test(question.method)) refuse('the method is not a token (CR-METHOD)')
  const url = question.url
  if (!/^[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*$/.test(url)) refuse('the URL holds a byte that must be escaped (CR-PATH-1)')
  if (/%(?![0-9a-fA-F]{2})/.test(url)) refuse('a % without two hex digits (CR-PATH-1)')
  const hash = url.indexOf('#')
  const fragment = hash < 0 ? '' : url.slice(hash)
  const bare = hash < 0 ? url : url.slice(0, hash)
  let host = '', rest = bare, base = ''
  if (!bare.startsWith('/')) {
    const found = /^([A-Za-z][A-Za-z0-9+.\-]*):\/\/([^/?]*)(.*)$/.exec(bare)
    if (!found) refuse('neither a URL nor a target (CR-PATH-1)')
    const scheme = found[1].toLowerCase()
    if (!['http', 'https', 'ws', 'wss'].includes(scheme)) refuse('the scheme is not http, https, ws or wss (URL-1)')
    host = hostOf(scheme, found[2])
    base = `${found[1]}://${found[2]}`
    rest = found[3]
  }
  const mark = rest.indexOf('?')
  const path = mark < 0 ? rest : rest.slice(0, mark)
  const query = mark < 0 ? '' : rest.slice(mark + 1)
  if (pairsOf(query).some(([name]) => PARAMETERS.includes(name))) refuse('the URL is presigned already (CR-HDR-9)')
  return { host, base, path, query, fragment }
}

function hostOf(scheme, authority) {
  const bare = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase()
  const found = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(bare)
  if (!found || !found[1] || (found[2] && !/^[0-9]+$/.test(found[2]))) refuse('no valid host and port (CR-HDR-6)')
  if (/[^A-Za-z0-9\-._~!$&'()*+,;=%]/.test(found[1].replace(/^\[[A-Za-z0-9\-._~!$&'()*+,;=%:]+\]$/, 'v6'))) refuse('no valid host (CR-HDR-6)')
  const port = (found[2] ?? '').replace(/^0+/, '')
  if (found[2] && !(Number(port) >= 1 && Number(port) <= 65535)) refuse('no valid port (CR-HDR-6)')
  const own = scheme === 'http' || scheme === 'ws' ? '80' : '443'
  return port && port !== own ? `${found[1]}:${port}` : found[1]
}

// --- CR-PATH-2…4
function canonicalPath(path, service) {
  path ||= '/'
  if (service.s3) {
    if (path.includes('+')) refuse('a raw + in an S3 path (CR-PATH-4)')
    return escape(decode(path), '/')
  }
  const kept = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const out = '/' + kept.join('/') + (kept.length && path.endsWith('/') ? '/' : '')
  return escape(Buffer.from(out, 'latin1'), '/')
}

// --- CR-QUERY-1…5
const recode = (text) => escape(decode(text.replaceAll('+', ' ')))
function pairsOf(query) {
  return query.split('&').filter((part) => part !== '').map((part) => {
    const at = part.indexOf('=')
    return at < 0 ? [recode(part), ''] : [recode(part.slice(0, at)), recode(part.slice(at + 1))]
  })
}
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const canonicalQuery = (pairs) => [...pairs].sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1])).map((pair) => pair.join('=')).join('&')

// --- CR-HDR-1…4: values as text whose characters are their UTF-8 bytes
function headerValue(value) {
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) refuse('a control character in a header (CR-HDR-4)')
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')
}
function linesOf(headers) {
  const lines = {}
  for (const [name, value] of headers) {
    if (!TOKEN.test(name)) refuse('a header name is not a token (CR-HDR-1)')
    const lower = name.toLowerCase(), text = headerValue(value)
    if (NEVER_SIGNED.has(lower)) continue
    lines[lower] = lower in lines ? `${lines[lower]},${text}` : text
  }
  return lines
}
const namesOf = (lines) => Object.keys(lines).sort(compare)

function canonicalRequest(method, path, pairs, lines, payload, service) {
  const names = namesOf(lines)
  const block = names.map((name) => `${name}:${lines[name]}\n`).join('')
  return [method, canonicalPath(path, service), canonicalQuery(pairs), block, names.join(';'), payload].join('\n')
}

// --- PAYLOAD-1…5, URL-3
const bodyOf = (body) => (body === null || body === undefined ? Buffer.alloc(0) : typeof body === 'string' ? utf8(body) : Buffer.from(body.base64, 'base64'))
function payloadOf(question, service, headers, literal) {
  const given = headers.filter(([name]) => name.toLowerCase() === 'x-amz-content-sha256').map(([, value]) => headerValue(value))[0]
  if (literal) return literal
  const hash = sha256(bodyOf(question.body))
  if (service.unsigned && given !== undefined && given !== 'UNSIGNED-PAYLOAD') refuse('VPC Lattice takes no hash (PAYLOAD-4)')
  if (given === undefined) return service.unsigned ? 'UNSIGNED-PAYLOAD' : hash
  if (/^[0-9a-f]{64}$/.test(given)) {
    if (given !== hash && question.body !== null && question.body !== undefined) refuse('the declared hash is not the body\'s (PAYLOAD-2)')
    return given
  }
  if (!service.literals.includes(given)) refuse('the payload line is not taken (PAYLOAD-2, PAYLOAD-5)')
  return given
}

// --- STS-1…4, KEY-1, V4A-1…3
const V4A = 'AWS4-ECDSA-P256-SHA256'
function scopeOf(question, at = question.at) {
  for (const name of [question.region ?? 'x', question.service]) {
    if (name === '' || /[/,=\s\x00-\x1f]/.test(name)) refuse('region or service cannot be in a scope (STS-2)')
  }
  if (!/^[\x21-\x7e]+$/.test(question.access_key_id) || /[/,=]/.test(question.access_key_id)) refuse('the access key id breaks the Credential (AUTHZ-1)')
  if (!/^[\x21-\x7e]+$/.test(question.secret_access_key)) refuse('an empty secret, or white space in it (KEY-1)')
  const region = question.algorithm === V4A ? '' : `${question.region}/`
  return `${at.slice(0, 8)}/${region}${question.service}/aws4_request`
}
function signingKeys(secret, day, region, service) {
  const keys = []
  let key = utf8('AWS4' + secret)
  for (const part of [day, region, service, 'aws4_request']) keys.push((key = hmac(key, part)))
  return keys
}
const N_MINUS_2 = BigInt('0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC63254F')
function asymmetricKey(question) {
  for (let counter = 1; counter <= 254; counter++) {
    const message = Buffer.concat([Buffer.from([0, 0, 0, 1]), utf8(V4A), Buffer.from([0]), utf8(question.access_key_id),
      Buffer.from([counter]), Buffer.from([0, 0, 1, 0])])
    const k = BigInt('0x' + hmac(utf8('AWS4A' + question.secret_access_key), message).toString('hex'))
    if (k > N_MINUS_2) continue
    const ecdh = createECDH('prime256v1')
    ecdh.setPrivateKey(Buffer.from((k + 1n).toString(16).padStart(64, '0'), 'hex'))
    const point = ecdh.getPublicKey()
    return { d: ecdh.getPrivateKey(), x: point.subarray(1, 33), y: point.subarray(33) }
  }
  return refuse('no key (V4A-2)')
}
function signText(question, text, at = question.at) {
  if (question.algorithm !== V4A) {
    return hmac(signingKeys(question.secret_access_key, at.slice(0, 8), question.region, question.service)[3], text).toString('hex')
  }
  const { d, x, y } = asymmetricKey(question)
  const url = (bytes) => bytes.toString('base64url')
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d: url(d), x: url(x), y: url(y) } })
  return ecdsa('sha256', utf8(text), key).toString('hex')
}
const stringToSign = (question, scope, request) => [question.algorithm, question.at, scope, sha256(utf8(request))].join('\n')

// --- header signatures
function sign(question, literal) {
  const service = serviceOf(question.service)
  const { host, path, query } = target(question)
  const headers = question.headers.filter(([name]) => !REPLACED.has(name.toLowerCase()))
  const has = (name) => headers.some(([other]) => other.toLowerCase() === name)
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host')
  if (hosts.length > 1 || (hosts.length && headerValue(hosts[0][1]) === '')) refuse('more than one Host header, or an empty one (CR-HDR-6)')
  if (!has('host')) headers.push(['Host', host || refuse('no host (CR-HDR-5)')])
  const payload = payloadOf(question, service, headers, literal)
  headers.push(['X-Amz-Date', question.at])
  if (!has('x-amz-content-sha256') && (service.required || literal)) headers.push(['X-Amz-Content-SHA256', payload])
  if (question.algorithm === V4A) headers.push(['X-Amz-Region-Set', question.region_set])
  const token = question.session_token ? [[question.token_name, question.session_token]] : []
  if (!service.tokenLast) headers.push(...token)
  const lines = linesOf(headers)
  const request = canonicalRequest(question.method, path, pairsOf(query), lines, payload, service)
  const scope = scopeOf(question)
  const text = stringToSign(question, scope, request)
  const signature = signText(question, text)
  if (service.tokenLast) headers.push(...token)
  const credential = `${question.access_key_id}/${scope}`
  headers.push(['Authorization', `${question.algorithm} Credential=${credential}, SignedHeaders=${namesOf(lines).join(';')}, Signature=${signature}`])
  return { headers, canonical_request: request, string_to_sign: text, signature, scope }
}

// --- URL-1…5
function presign(question) {
  const service = serviceOf(question.service)
  const expires = question.expires
  if (!Number.isInteger(expires) || expires < 1 || expires > 604800) refuse('expires is not 1 to 604800 whole seconds (URL-2)')
  const { host, base, path, query, fragment } = target(question)
  if (!host) refuse('a target without a host cannot be presigned (URL-1)')
  const pairs = pairsOf(query)
  const toSend = question.headers.filter(([name]) => !REPLACED.has(name.toLowerCase()) && name.toLowerCase() !== 'host')
  const own = question.headers.filter(([name]) => name.toLowerCase() === 'host').map(([, value]) => value.toLowerCase())
  if (own.length > 1 || (own.length && own[0] !== host)) refuse('the Host header is not the URL\'s host (URL-1)')
  const has = toSend.some(([name]) => name.toLowerCase() === 'x-amz-content-sha256')
  const empty = question.body === null || question.body === undefined
  let payload = payloadOf(question, service, toSend)
  if (service.s3 && !has && empty) payload = 'UNSIGNED-PAYLOAD'
  else if (!has && service.required) toSend.push(['X-Amz-Content-SHA256', payload])
  const lines = linesOf([['Host', host], ...toSend])
  const scope = scopeOf(question)
  const parameters = [['X-Amz-Algorithm', question.algorithm], ['X-Amz-Credential', `${question.access_key_id}/${scope}`],
    ['X-Amz-Date', question.at], ['X-Amz-Expires', String(expires)]]
  if (question.algorithm === V4A) parameters.push(['X-Amz-Region-Set', question.region_set])
  if (question.session_token && !service.tokenLast) parameters.push([question.token_name, question.session_token])
  parameters.push(['X-Amz-SignedHeaders', namesOf(lines).join(';')])
  const escaped = parameters.map(([name, value]) => [escape(utf8(name)), escape(utf8(value))])
  const request = canonicalRequest(question.method, path, [...pairs, ...escaped], lines, payload, service)
  const text = stringToSign(question, scope, request)
  const signature = signText(question, text)
  let url = `${base}${path}?${query ? query + '&' : ''}${escaped.map((pair) => pair.join('=')).join('&')}&X-Amz-Signature=${signature}`
  if (question.session_token && service.tokenLast) url += `&X-Amz-Security-Token=${escape(utf8(question.session_token))}`
  return { url: url + fragment, headers: toSend, canonical_request: request, string_to_sign: text }
}

// --- CHUNK-1…6, TRAILER-1…2, CHUNK-V4A-1
function stream(question) {
  if (question.chunk_size < 8192) refuse('a chunk size below 8192 (CHUNK-5)')
  if (!question.trailers.length && (question.payload.endsWith('-TRAILER') || !question.signed)) refuse('no trailers for this literal (CHUNK-6)')
  const seed = sign(question, question.payload)
  const data = utf8(question.data.repeat.repeat(question.data.times))
  const trailers = question.trailers.map(([name, value]) => [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, '')])
  const out = []
  const pad = (signature) => (question.algorithm === V4A ? signature.padEnd(144, '*') : signature)
  let before = seed.signature
  for (let at = 0; ; at += question.chunk_size) {
    const piece = data.subarray(at, at + question.chunk_size)
    let line = piece.length.toString(16)
    if (question.signed) {
      before = signText(question, [`${question.algorithm}-PAYLOAD`, question.at, seed.scope, before, EMPTY, sha256(piece)].join('\n'))
      line += `;chunk-signature=${pad(before)}`
    }
    out.push(utf8(line + '\r\n'))
    if (piece.length === 0) break
    out.push(piece, utf8('\r\n'))
  }
  for (const [name, value] of trailers) out.push(utf8(`${name}:${value}\r\n`))
  if (trailers.length && question.signed) {
    const lines = [...trailers].sort((a, b) => compare(a[0], b[0])).map(([name, value]) => `${name}:${value}\n`).join('')
    const text = [`${question.algorithm}-TRAILER`, question.at, seed.scope, before, sha256(utf8(lines))].join('\n')
    out.push(utf8(`x-amz-trailer-signature:${pad(signText(question, text))}\r\n`))
  }
  out.push(utf8('\r\n'))
  return { headers: seed.headers, body: { base64: Buffer.concat(out).toString('base64') }, canonical_request: seed.canonical_request }
}

// --- EVENT-1…6
function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
const int = (size, value) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)))
  return bytes.subarray(8 - size)
}
function eventHeader(name, type, value) {
  const raw = utf8(name)
  let bytes = Buffer.alloc(0)
  if ([2, 3, 4, 5, 8].includes(type)) bytes = int({ 2: 1, 3: 2, 4: 4, 5: 8, 8: 8 }[type], value)
  if (type === 9) bytes = Buffer.from(value, 'hex')
  if (type === 6 || type === 7) {
    const content = type === 6 ? Buffer.from(value, 'hex') : utf8(value)
    bytes = Buffer.concat([int(2, content.length), content])
  }
  return Buffer.concat([Buffer.from([raw.length]), raw, Buffer.from([type]), bytes])
}
function frame(headers, payload) {
  const prelude = Buffer.concat([int(4, 16 + headers.length + payload.length), int(4, headers.length)])
  const message = Buffer.concat([prelude, int(4, crc32(prelude)), headers, payload])
  return Buffer.concat([message, int(4, crc32(message))])
}
function events(question) {
  const seed = sign(question, EVENTS)
  let before = seed.signature
  const messages = question.events.map(([at, text]) => {
    const payload = utf8(text)
    const time = Date.UTC(at.slice(0, 4), at.slice(4, 6) - 1, at.slice(6, 8), at.slice(9, 11), at.slice(11, 13), at.slice(13, 15))
    const date = eventHeader(':date', 8, time)
    const string = ['AWS4-HMAC-SHA256-PAYLOAD', at, scopeOf(question, at), before, sha256(date), sha256(payload)].join('\n')
    before = signText(question, string, at)
    return frame(Buffer.concat([date, eventHeader(':chunk-signature', 6, before)]), payload).toString('hex')
  })
  return { headers: seed.headers, messages, canonical_request: seed.canonical_request }
}

// --- FORM-1
// JSON.parse keeps the last of two members with one name: the names of each object are read once more
function checkNames(text) {
  const open = []
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}\[\]]/g)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token.endsWith(':')) {
      const name = JSON.parse(token.replace(/\s*:$/, ''))
      if (open.at(-1).has(name)) refuse('a name twice in one object (FORM-1)')
      open.at(-1).add(name)
    }
  }
}
function checkCondition([operator, field, value]) {
  const size = (end) => ['number', 'string'].includes(typeof end) && /^[0-9]+$/.test(String(end))
  const known = String(operator).toLowerCase()
  if (known === 'content-length-range') {
    if (!size(field) || !size(value) || Number(field) > Number(value) || Number(field) > 5 * 2 ** 30) refuse('a range that is none (FORM-1)')
  } else if (!['eq', 'starts-with'].includes(known)) refuse('an unknown operator (FORM-1)')
  else if (typeof field !== 'string' || !/^\$./.test(field)) refuse('a field without its $ (FORM-1)')
  else if (typeof value !== 'string') refuse('a value that is not text (FORM-1)')
}
function form(question) {
  let document
  try { document = JSON.parse(question.policy) } catch { refuse('the policy is not JSON (FORM-1)') }
  checkNames(question.policy)
  if (document === null || typeof document !== 'object' || Array.isArray(document) || typeof document.expiration !== 'string') refuse('the policy is not an object with an expiration (FORM-1)')
  if (!Array.isArray(document.conditions)) refuse('the policy has no list of conditions (FORM-1)')
  for (const condition of document.conditions) {
    if (condition === null || typeof condition !== 'object') refuse('a condition is neither an object nor a list (FORM-1)')
    if (Array.isArray(condition)) checkCondition(condition)
    else if (Object.keys(condition).length !== 1) refuse('a condition with more than one member (FORM-1)')
    else if (typeof Object.values(condition)[0] !== 'string') refuse('a value that is not text (FORM-1)')
  }
  const end = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(document.expiration)
  const moment = end ? new Date(`${end[1]}Z`) : null
  if (!moment || isNaN(moment) || moment.toISOString().slice(0, 19) !== end[1]) refuse('an expiration of another form (FORM-1)')
  if (end[1].replace(/[-:]/g, '') + 'Z' <= question.at) refuse('the policy has expired (FORM-1)')
  const asked = { ...question, service: 's3' }
  const fields = { 'x-amz-algorithm': asked.algorithm, 'x-amz-credential': `${asked.access_key_id}/${scopeOf(asked)}`, 'x-amz-date': asked.at }
  if (asked.session_token) fields['x-amz-security-token'] = asked.session_token
  const named = document.conditions.filter((condition) => !Array.isArray(condition) || condition[0].toLowerCase() !== 'content-length-range').map((condition) => (Array.isArray(condition)
    ? [condition[1].slice(1).toLowerCase(), condition[2], condition[0].toLowerCase() === 'eq']
    : [Object.keys(condition)[0].toLowerCase(), Object.values(condition)[0], true]))
  for (const name of ['bucket', 'key', ...Object.keys(fields)]) {
    if (!named.some(([other]) => other === name)) refuse(`no condition for ${name} (FORM-1)`)
  }
  for (const [name, value, exact] of named) {
    if (exact && value === '' && ['bucket', 'key'].includes(name)) refuse('an empty name (FORM-1)')
    if (name in fields && !(exact ? fields[name] === value : fields[name].startsWith(value))) refuse(`another ${name} than the form gets (FORM-1)`)
    for (const [other, text, fixed] of named.filter(([other]) => other === name)) {
      const fits = exact ? (fixed ? text === value : value.startsWith(text)) : (fixed ? text : value.length < text.length ? text : value).startsWith(fixed || value.length < text.length ? value : text)
      if (!fits) refuse(`no value of ${other} satisfies all conditions (FORM-1)`)
    }
  }
  fields.policy = utf8(asked.policy).toString('base64')
  fields['x-amz-signature'] = signText(asked, fields.policy)
  return { fields }
}

function key(question) {
  if (question.algorithm === V4A) {
    const { x, y } = asymmetricKey(question)
    return { x: x.toString('hex'), y: y.toString('hex') }
  }
  const keys = signingKeys(question.secret_access_key, question.date, question.region, question.service)
  return Object.fromEntries(['k_date', 'k_region', 'k_service', 'k_signing'].map((name, i) => [name, keys[i].toString('hex')]))
}

const OPERATIONS = {
  sign, presign, stream, events, form, key,
  frame: (question) => ({ frame: frame(Buffer.concat(question.headers.map((header) => eventHeader(...header))), Buffer.from(question.payload, 'hex')).toString('hex') }),
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line)
  let answer
  try {
    answer = question.operation in OPERATIONS ? OPERATIONS[question.operation](question) : { skip: `this signer does not do "${question.operation}"` }
  } catch (error) {
    answer = { error: error instanceof Refused ? error.message : String(error.stack) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
