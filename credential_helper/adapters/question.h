// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patd::credential_helper {

// What git asks a helper to do, gitcredentials(7); other tools' verbs are put into these.
enum class Verb { Get, Store, Erase, Capability };

// What the command line narrows a `get` to, as it goes to patd; "" for nothing. git may not say the
// same on standard input: a key that comes twice is refused.
struct Narrowing {
    std::string_view permissions;
    std::uint32_t lifetime_seconds = 0;
    // Without `permissions`: what narrows a child, but not which token is chosen.
    bool to_read = false;
    std::string_view at_most = {};
};

// What a tool asks, in patd's words. Views what it was read from.
struct Question {
    std::optional<Verb> verb;      // none: patd is not asked
    std::string_view scheme;       // "https://" where the tool names a bare host; else ""
    std::string_view place;        // a URL, or what follows `scheme`
    std::string_view before = {};  // a scheme: the same place with this one has precedence
    std::string_view username;     // "": any
    std::string_view secret;       // of a store
    Narrowing narrowing;
    bool show = false;             // a terminal may show the secret
    bool wants_username = false;   // and not the secret
    bool with_username = false;    // and the secret
    bool as_json = false;          // of pat-keyring: --output=json
    std::string_view echo;         // what the answer repeats of the question
    std::string_view words = {};   // without a verb, or after a store or erase: the whole answer
    std::string_view complaint{};  // without a verb: the sentence for standard error
    int status = 0;                // without a verb
};

// A reply of patd that has a token in it. Views the reply.
struct Credential {
    std::string_view username;
    std::string_view password;
    std::string_view session_token;  // of AWS; "": none
    std::string_view authtype;       // with `header`: Basic or Bearer
    std::string_view credential;     // what follows that word in an Authorization header
    std::int64_t expires = 0;        // in seconds since 1970; 0: never
    std::int64_t now = 0;            // the same
};

}  // namespace patd::credential_helper
