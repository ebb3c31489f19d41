// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/line/line_verbs.h"
#include "tests/support/line_services.h"
#include "tests/support/read_store.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/service_fixture.h"

#include <optional>
#include <string>

namespace patd {

// The verbs of the line socket, with the services that they call and an answering patd-auth.
class LineVerbsTest : public support::ServiceFixture {
  protected:
    static constexpr char kGetRequest[] = "op=get\nprotocol=https\nhost=git.example\n\n";

    void SetUp() override {
        ServiceFixture::SetUp();
        line_.emplace(context(), *loop_,
                      StepUpSockets{step_up_.path(), sockets_directory_.file("enroll.sock")});
    }

    // The reply to one request of `caller`, or "(none)" if it is still pending.
    std::string ask(const Caller& caller, const std::string& request) {
        request_ = SecretBuffer::copy_of(request);
        reply_ = SecretBuffer(limits::kLineReplyBytes);
        std::size_t consumed = 0;
        message_ = line::LineMessage::parse(request_.reveal(), true, consumed).value().value();
        answered_ = false;
        line_->verbs.handle(caller, message_, reply_, [this] { answered_ = true; });
        while (!turns_.is_idle())
            turns_.run_round();
        return answer();
    }
    std::string answer() const {
        return answered_ ? std::string(reply_.reveal().data(), reply_.size()) : "(none)";
    }
    std::string ask(Uid uid, const std::string& rest) {
        return ask(support::caller_of(uid), "patd=1\n" + rest);
    }
    static std::string value_of(const std::string& reply, const std::string& key) {
        const std::size_t begin = ("\n" + reply).find("\n" + key + "=");
        if (begin == std::string::npos)
            return "(none)";
        const std::size_t from = begin + key.size() + 1;
        return reply.substr(from, reply.find('\n', from) - from);
    }
    static std::string error_of(const std::string& reply) { return value_of(reply, "error"); }

    support::TemporaryDirectory sockets_directory_;
    support::ScriptedStepUp step_up_{*loop_, sockets_directory_.file("auth.sock")};
    std::optional<support::LineServices> line_;
    SecretBuffer request_;
    SecretBuffer reply_;
    line::LineMessage message_;
    bool answered_ = false;
};

}  // namespace patd
