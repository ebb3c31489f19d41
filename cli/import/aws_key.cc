// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/import/aws_key.h"

#include "cli/io/descriptor_io.h"
#include "common/base/limits.h"
#include "common/base/parse_number.h"
#include "common/json/json_walk.h"
#include "common/token/foreign_token.h"
#include "common/token/imported_secret.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace patd::cli {
namespace {

constexpr char kNoKey[] =
    "the secret of kind aws is the JSON of a credential process, with AccessKeyId and "
    "SecretAccessKey, as 'aws configure export-credentials' writes it";

// The four strings, at the top or inside of "Credentials", as `aws sts` has them.
class AwsFields final : public JsonVisitor {
  public:
    bool open(JsonPath where, bool /*is_array*/) override { return find(where) == nullptr; }
    bool value(JsonPath where, JsonKind kind, std::string_view text) override {
        Field* const field = find(where);
        if (field == nullptr)
            return true;
        // Both forms at once could name two keys.
        if (kind != JsonKind::Text || field->is_there)
            return false;
        field->is_there = true;
        field->value = text;
        return true;
    }
    std::string_view get(std::string_view name) const {
        for (const Field& field : fields_) {
            if (field.name == name)
                return field.value;
        }
        return {};
    }

  private:
    struct Field {
        std::string_view name;
        std::string_view value = {};
        bool is_there = false;
    };
    Field* find(JsonPath where) {
        if (where.size() == 2 && where.front().key == "Credentials")
            where = where.subspan(1);
        if (where.size() != 1 || where.front().is_array)
            return nullptr;
        for (Field& field : fields_) {
            if (field.name == where.front().key)
                return &field;
        }
        return nullptr;
    }

    std::array<Field, 4> fields_ = {
        {{"AccessKeyId"}, {"SecretAccessKey"}, {"SessionToken"}, {"Expiration"}}};
};

// Takes two digits' number.
std::optional<int> two_digits(std::string_view text) {
    const bool is_number = text.size() == 2 && text.find_first_not_of("0123456789") == text.npos;
    return is_number ? parse_number<int>(text.front() == '0' ? text.substr(1) : text)
                     : std::nullopt;
}

// Seconds to the east: Z, +02:00 or +0200.
std::optional<std::int64_t> parse_zone(std::string_view zone) {
    if (zone == "Z" || zone == "z")
        return 0;
    if (zone.size() != 5 && (zone.size() != 6 || zone[3] != ':'))
        return std::nullopt;
    const std::optional<int> hours = two_digits(zone.substr(1, 2));
    const std::optional<int> minutes = two_digits(zone.substr(zone.size() - 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59 ||
        (zone.front() != '+' && zone.front() != '-'))
        return std::nullopt;
    const std::int64_t seconds = (std::int64_t{*hours} * 60 + *minutes) * 60;
    return zone.front() == '-' ? -seconds : seconds;
}

Result<AwsKey> ask_for_key(const Session& session, const std::string& id) {
    Terminal terminal(session.environment().open_terminal());
    if (!terminal)
        return Error{Errc::Cancelled,
                     "there is no terminal to ask on; give --secret-fd N, or use 'ssh -t'"};
    AwsKey key{id, SecretBuffer(0)};
    if (key.id.empty()) {
        const SecretBuffer typed = TRY(terminal.ask("Access key id: ", Echo::On));
        key.id.assign(typed.reveal().data(), typed.size());
    }
    const SecretBuffer secret = TRY(terminal.ask("Secret access key: ", Echo::Off));
    const SecretBuffer token = TRY(terminal.ask("Session token (Enter for none): ", Echo::Off));
    key.parts = TRY(join_aws_parts(secret.reveal(), token.reveal()));
    return key;
}

Result<AwsKey> read_key(const Session& session, const std::string& id) {
    if (!session.secret_fd)
        return ask_for_key(session, id);
    SecretBuffer text(limits::kCredentialTextBytes);
    const std::span<char> room = text.free_space();
    TRY(read_to_end(*session.secret_fd, text));
    if (text.size() == room.size())
        return Error{Errc::MalformedRequest, kNoKey};
    AwsKey key = TRY(parse_aws_key(room.first(text.size()), session.now()));
    if (!id.empty() && id != key.id)
        return Error{Errc::InvalidUsername,
                     "the secret is of the key " + printable(key.id) + ", and -u names another"};
    return key;
}

}  // namespace

Result<SecretBuffer> join_aws_parts(std::span<const char> secret,
                                    std::span<const char> session_token) {
    SecretBuffer parts(secret.size() + 1 + session_token.size());
    TRY(parts.append(secret));
    // It would be read as two.
    if (std::find(secret.begin(), secret.end(), kPartsSeparator) != secret.end())
        return Errc::InvalidSecret;
    if (!session_token.empty()) {
        TRY(parts.append(std::span(&kPartsSeparator, 1)));
        TRY(parts.append(session_token));
    }
    TRY(check_imported_secret(parts.reveal(), SecretKind::Aws));
    return parts;
}

Result<UnixTime> parse_zoned_time(std::string_view text) {
    constexpr std::size_t kSecondsEnd = 19;  // 2030-01-01T00:00:00
    const Error bad{Errc::InvalidExpiry, "its Expiration is no time such as 2030-01-01T00:00:00Z"};
    if (text.size() <= kSecondsEnd || text.find('-') != 4)
        return bad;
    std::tm parsed{};
    const std::string seconds(text.substr(0, kSecondsEnd));
    const char* const end = strptime(seconds.c_str(), "%Y-%m-%dT%H:%M:%S", &parsed);
    if (end == nullptr || *end != '\0')
        return bad;
    text.remove_prefix(kSecondsEnd);
    if (text.front() == '.') {
        const std::size_t digits = text.find_first_not_of("0123456789", 1);
        if (digits == std::string_view::npos || digits == 1)
            return bad;
        text.remove_prefix(digits);
    }
    const std::optional<std::int64_t> east = parse_zone(text);
    const std::tm written = parsed;
    const std::time_t time = timegm(&parsed);
    // timegm makes the 1st of March of the 30th of February.
    if (!east || time < 0 || parsed.tm_mday != written.tm_mday || parsed.tm_mon != written.tm_mon)
        return bad;
    return UnixTime{time} - *east;
}

Result<AwsKey> parse_aws_key(std::span<char> text, UnixTime now) {
    AwsFields fields;
    if (!walk_json(text, fields))
        return Error{Errc::MalformedRequest, kNoKey};
    const std::string_view secret = fields.get("SecretAccessKey");
    const std::string_view token = fields.get("SessionToken");
    const std::string_view id = fields.get("AccessKeyId");
    if (id.empty() || secret.empty())
        return Error{Errc::MalformedRequest, kNoKey};
    if (looks_like_token(id))
        return Errc::TokenAsUsername;
    AwsKey key{TRY(parse_username(id)), TRY(join_aws_parts(secret, token))};
    if (fields.get("Expiration").empty())
        return key;
    key.expires = TRY(parse_zoned_time(fields.get("Expiration")));
    if (key.expires <= now)
        return Error{Errc::InvalidExpiry, "its Expiration is over: get a new one"};
    return key;
}

Result<std::optional<SecretBuffer>> take_parts(const Session& session, SecretKind kind,
                                               client::Dictionary& sent) {
    if (kind != SecretKind::Aws)
        return std::optional<SecretBuffer>();
    AwsKey key = TRY(read_key(session, sent.text("username")));
    sent.set("username", key.id);
    const UnixTime asked = sent.time("expires");
    if (key.expires != 0 && (asked == 0 || key.expires < asked))
        sent.set("expires", key.expires);
    return std::optional<SecretBuffer>(std::move(key.parts));
}

}  // namespace patd::cli
