// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/tool_limits.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/tool.h"

#include <string>
#include <string_view>
#include <vector>

namespace patd::credential_helper {

// One conversation with a tool, without processes and sockets: what patd would be asked, and what
// the tool would read. A test that fails prints no secret that is one.
class Conversation {
  public:
    Conversation(const Adapter& adapter, std::vector<std::string> arguments, std::string input = "",
                 std::string name = "")
        : adapter_(adapter),
          arguments_(std::move(arguments)),
          input_(std::move(input)),
          name_(std::move(name)) {
        const std::vector<std::string_view> views(arguments_.begin(), arguments_.end());
        Result<Question> question = adapter_.parse({name_, views, input_});
        if (question)
            question_ = *question;
        else
            fault_ = errc_name(question.error().code);
    }

    // The request; a sentence, the words that need none, or the name of an error instead.
    std::string asks() const {
        if (!fault_.empty())
            return fault_;
        if (!question_.verb)
            return std::string(question_.complaint.empty() ? question_.words : question_.complaint);
        const Result<SecretBuffer> request = make_request(adapter_, question_);
        return request ? text_of(*request) : std::string(errc_name(request.error().code));
    }
    int status() const { return question_.status; }
    const Question& question() const { return question_; }

    // What it writes of a reply with `attributes` lines; "none" when no token is in it, the
    // sentence of a refusal.
    std::string hears(const std::string& attributes, std::int64_t now = 0) const {
        const SecretBuffer reply = SecretBuffer::copy_of(attributes + "\n");
        Told told = read_reply(adapter_, question_, reply);
        if (!told.refusal.empty())
            return std::string(told.refusal);
        if (!told.found)
            return "none";
        told.credential.now = now;
        SecretBuffer out(limits::kToolOutputBytes);
        const Result<void> written = adapter_.write(question_, told.credential, out);
        return written ? text_of(out) : std::string(errc_name(written.error().code));
    }

    static std::string text_of(const SecretBuffer& buffer) {
        return {buffer.reveal().data(), buffer.size()};
    }

  private:
    const Adapter& adapter_;
    std::vector<std::string> arguments_;
    std::string input_;
    std::string name_;
    Question question_;
    std::string fault_;
};

// The request for `place` of a tool, with what else it says.
inline std::string get_request(const std::string& place, const std::string& tool,
                               const std::string& more = "") {
    return "patd=1\nop=get\nurl=" + place + "\n" + more + "tool=" + tool + "\n\n";
}

inline const std::string kPlain = "username=alice\npassword=not-a-real-secret\n";
inline const std::string kExpiring = kPlain + "password_expiry_utc=1893456000\n";
// What git 2.46 and tools that write a header themselves are answered.
inline const std::string kHeader =
    "capability[]=authtype\nauthtype=Basic\ncredential=YWxpY2U6eA==\nephemeral=1\n" + kPlain;
inline const std::string kBearer =
    "capability[]=authtype\nauthtype=Bearer\ncredential=not-a-real-secret\nephemeral=1\n";
inline const std::string kAbilities = "capability[]=authtype\nalone=1\n";

}  // namespace patd::credential_helper
