// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/adapters/adapters.h"

#include "common/base/tool_limits.h"
#include "common/line/line_message.h"
#include "credential_helper/tool.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

#include <nlohmann/json.hpp>

#include <array>
#include <vector>

namespace patd::fuzz {
namespace {

using std::string_view_literals::operator""sv;
using credential_helper::Adapter;
using credential_helper::Credential;
using credential_helper::Question;

constexpr std::array kNames = {"pat-get"sv,
                               "docker-credential-pat"sv,
                               "pat-askpass"sv,
                               "cargo-credential-pat"sv,
                               "pat-kubectl"sv,
                               "pat-aws"sv,
                               "pat-keyring"sv,
                               "pat-go"sv,
                               "terraform-credentials-pat"sv,
                               "pat-pnpm-npm.example"sv,
                               "pat-vault-client"sv,
                               "pat-bazel"sv};
constexpr auto kJsonTools = {"docker-credential-pat"sv,
                             "cargo-credential-pat"sv,
                             "pat-kubectl"sv,
                             "pat-aws"sv,
                             "terraform-credentials-pat"sv,
                             "pat-bazel"sv};

bool writes_json(const Adapter& adapter) {
    return std::find(kJsonTools.begin(), kJsonTools.end(), adapter.name) != kJsonTools.end();
}

// What patd is asked has the line format, and asks once for one place.
void check_request(const Adapter& adapter, const Question& question) {
    const Result<SecretBuffer> request = make_request(adapter, question);
    if (!request)
        return;
    std::size_t consumed = 0;
    const auto message = line::LineMessage::parse(request->reveal(), false, consumed);
    require(message && message->has_value() && consumed == request->size(),
            "a tool's question is one request");
    require((*message)->get("tool") == adapter.tool, "the tool is the one that was started");
    require((*message)->get("patd") == "1", "a request says its version");
}

// A token is written as the tool reads it, whatever it asked.
void check_answer(const Adapter& adapter, const Question& question) {
    const Credential credential{.username = "alice",
                                .password = "p\"\\w\xc3\xa9",
                                .session_token = "",
                                .authtype = "Basic",
                                .credential = "YWxpY2U6eA==",
                                .expires = 1893456000,
                                .now = 1800000000};
    SecretBuffer out(limits::kToolOutputBytes);
    if (!adapter.write(question, credential, out))
        return;
    const std::string_view text(out.reveal().data(), out.size());
    require(!writes_json(adapter) || text.empty() || nlohmann::json::accept(text),
            "a tool that reads JSON is written JSON");
}

}  // namespace

// The first byte is the tool; then its arguments, one a line up to an empty one; then what it says.
void adapters(std::string_view bytes) {
    Input input(bytes);
    const std::string_view name = kNames[input.byte() % kNames.size()];
    const Adapter* const adapter = credential_helper::find_adapter(name);
    require(adapter != nullptr, "each tool has an adapter");
    std::vector<std::string_view> arguments;
    while (!input.empty() && arguments.size() < limits::kToolArguments) {
        const std::string_view argument = input.part();
        if (argument.empty())
            break;
        arguments.push_back(argument.substr(0, argument.find('\0')));
    }
    std::string said(input.rest());
    const Result<Question> question = adapter->parse({name, arguments, said});
    if (!question)
        return require(question.error().code == Errc::MalformedRequest ||
                           question.error().code == Errc::InvalidTarget,
                       "a tool is told one of two reasons");
    if (!question->verb)
        return;
    check_request(*adapter, *question);
    check_answer(*adapter, *question);
}

}  // namespace patd::fuzz
