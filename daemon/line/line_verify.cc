// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/line/line_verify.h"

#include "common/base/host_address.h"
#include "common/token/visible_text.h"

#include <algorithm>
#include <charconv>

namespace patd {
namespace {

std::string_view kind_name(const Verified& valid) {
    return valid.child ? "child" : "issued";
}

// Builds text on the stack: a reply for many tokens is written as fast as its answers are found.
class ResultText {
  public:
    void add(std::string_view word) {
        if (size_ > 0)
            put(" ");
        put(word);
    }
    void add(std::int64_t number) {
        std::array<char, 20> digits{};
        const auto [end, error] =
            std::to_chars(digits.data(), digits.data() + digits.size(), number);
        add({digits.data(), end});
    }
    std::string_view view() const { return {text_.data(), size_}; }

  private:
    void put(std::string_view text) {
        const std::size_t count = std::min(text.size(), text_.size() - size_);
        std::copy_n(text.data(), count, text_.data() + size_);
        size_ += count;
    }

    std::array<char, kResultBytes> text_;
    std::size_t size_ = 0;
};

// Some services give the name that the address resolves to, which the owner of its reverse zone
// chooses. The mark comes first, so that no long name can cut it off.
std::string describe_host(std::string_view rhost) {
    std::optional<std::string> address = normal_address(rhost);
    return address ? std::move(*address)
                   : std::string("unproven name ").append(cut_text(rhost, limits::kAuditTextBytes));
}

// What a service says about itself and its peer: any bytes, up to a whole message of them.
std::string read_service(const line::LineMessage& request) {
    std::string text(cut_text(request.get("service"), limits::kAuditTextBytes));
    if (const auto rhost = request.find("rhost"); rhost && !rhost->empty())
        text.append(" from ").append(describe_host(*rhost));
    return make_visible(cut_text(text, limits::kAuditTextBytes));
}

}  // namespace

Result<VerifyRequest> read_verify(const line::LineMessage& request) {
    VerifyRequest wanted;
    if (const auto permission = request.find("permission"))
        wanted.permission = TRY(Permission::parse(*permission));
    if (const auto audience = request.find("audience"))
        wanted.audience = TRY(Origin::parse(*audience));
    wanted.user = request.get("user");
    wanted.where = read_service(request);
    return wanted;
}

Result<SecretList> read_tokens(const line::LineMessage& request) {
    if (request.find("token"))
        return Error{Errc::MalformedRequest, "token and tokens"};
    SecretList list;
    std::string_view rest = request.get("tokens");
    while (true) {
        const std::size_t end = rest.find(' ');
        const std::string_view secret = rest.substr(0, end);
        if (secret.empty())
            return Error{Errc::MalformedRequest, "an empty token"};
        if (list.count == list.secrets.size())
            return Errc::LimitExceeded;
        list.secrets[list.count++] = secret;
        if (end == std::string_view::npos)
            return list;
        rest.remove_prefix(end + 1);
    }
}

Result<void> write_verification(SecretBuffer& reply, const Verification& verification) {
    line::LineWriter writer(reply);
    TRY(writer.add("valid", verification.valid ? "1" : "0"));
    if (!verification.valid) {
        TRY(writer.add("reason", verify_failure_name(verification.failure)));
        return writer.finish();
    }
    const Verified& valid = *verification.valid;
    TRY(writer.add("id", valid.token().id.view()));
    TRY(writer.add("kind", kind_name(valid)));
    TRY(writer.add("uid", std::to_string(valid.token().owner.value())));
    TRY(writer.add("user", valid.token().owner_name));
    TRY(writer.add("permissions", format_permissions(valid.permissions())));
    TRY(writer.add("expires", std::to_string(valid.expires())));
    if (!valid.child)  // a child does not say when it was made
        TRY(writer.add("created", std::to_string(valid.token().created)));
    return writer.finish();
}

Result<void> write_result(SecretBuffer& reply, const Result<Verification>& verification) {
    ResultText text;
    if (!verification) {
        text.add("error");
        text.add(errc_name(verification.error().code));
    } else if (!verification->valid) {
        text.add("invalid");
        text.add(verify_failure_name(verification->failure));
    } else {
        const Verified& valid = *verification->valid;
        text.add("valid");
        text.add(valid.token().id.view());
        text.add(kind_name(valid));
        text.add(std::int64_t{valid.token().owner.value()});
        text.add(valid.expires());
    }
    return line::LineWriter(reply).add("result[]", text.view());
}

}  // namespace patd
