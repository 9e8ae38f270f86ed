# Ruby's aws-sigv4 (Debian: ruby-aws-sigv4) in the conformance kit: sigv4 conformance --lines 'ruby aws_sigv4.rb'
require 'aws-sigv4'
require 'base64'
require 'json'
require 'time'

S3 = %w[s3 s3express s3-object-lambda s3-outposts].freeze

def body_of(given)
  given.is_a?(Hash) ? Base64.decode64(given['base64']) : given.to_s
end

def signer(question)
  Aws::Sigv4::Signer.new(
    service: question['service'], region: question['region'],
    access_key_id: question['access_key_id'], secret_access_key: question['secret_access_key'],
    session_token: question['session_token'],
    uri_escape_path: !S3.include?(question['service']),
    normalize_path: !S3.include?(question['service']),
    apply_checksum_header: (S3 + %w[aoss vpc-lattice-svcs]).include?(question['service'])
  )
end

def headers_of(question)
  question['headers'].each_with_object({}) do |(name, value), found|
    found[name] = found.key?(name) ? "#{found[name]},#{value}" : value
  end
end

def sign(question)
  given = headers_of(question).merge('X-Amz-Date' => question['at'])
  signed = signer(question).sign_request(
    http_method: question['method'], url: question['url'], headers: given, body: body_of(question['body'])
  ).headers
  known = signed.keys.map(&:downcase)
  { headers: given.reject { |name, _| known.include?(name.downcase) }.merge(signed) }
end

def presign(question)
  given = headers_of(question)
  url = signer(question).presign_url(
    http_method: question['method'], url: question['url'], headers: given, body: body_of(question['body']),
    expires_in: question['expires'], time: Time.strptime(question['at'], '%Y%m%dT%H%M%S%z')
  )
  { url: url.to_s, headers: given }
end

$stdout.sync = true
$stdin.each_line do |line|
  question = JSON.parse(line)
  answer =
    begin
      if question['region_set'] then { skip: 'it has no 4A of its own' }
      elsif question['operation'] == 'sign' then sign(question)
      elsif question['operation'] == 'presign' then presign(question)
      else { skip: "it has no \"#{question['operation']}\"" }
      end
    rescue StandardError => e
      { error: "#{e.class}: #{e.message}" }
    end
  puts JSON.generate(answer)
end
