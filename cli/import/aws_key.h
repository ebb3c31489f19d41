// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/session/session.h"
#include "common/base/clock.h"
#include "common/base/secret_buffer.h"
#include "common/client/dictionary.h"
#include "common/token/token.h"

#include <optional>
#include <span>
#include <string>

namespace patd::cli {

// A key of AWS: its id, which is no secret, and its other parts as the service takes them
// (common/token/imported_secret.h).
struct AwsKey {
    std::string id;
    SecretBuffer parts;
    UnixTime expires = 0;  // 0: it does not say
};

// Puts a secret key and a session token ("": none) together. InvalidSecret.
Result<SecretBuffer> join_aws_parts(std::span<const char> secret,
                                    std::span<const char> session_token);

// What `aws configure export-credentials` and every credential_process write, or `aws sts` (the
// same inside of "Credentials"). Decodes `text` in place. MalformedRequest: it is not that.
// InvalidSecret, InvalidUsername: of a part. InvalidExpiry: it is no time, or it is over.
Result<AwsKey> parse_aws_key(std::span<char> text, UnixTime now);

// RFC 3339, as aws writes it: with a zone, and perhaps parts of a second.
Result<UnixTime> parse_zoned_time(std::string_view text);

// Of a kind with several parts: all of them, from --secret-fd or asked for one by one, as the
// service takes them. Adds to `sent`, which is what Import or Regenerate is sent, what belongs to
// them: `username`, and the earlier end of both. Nothing for a secret that is one text: Next asks
// for that.
Result<std::optional<SecretBuffer>> take_parts(const Session& session, SecretKind kind,
                                               client::Dictionary& sent);

}  // namespace patd::cli
