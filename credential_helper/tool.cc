// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "credential_helper/tool.h"

#include "common/base/tool_limits.h"
#include "common/line/line_message.h"
#include "credential_helper/adapters/adapters.h"
#include "credential_helper/adapters/place.h"
#include "credential_helper/credential_reply.h"
#include "credential_helper/credential_request.h"
#include "credential_helper/standard_streams.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

namespace patd::credential_helper {
namespace {

using line::LineMessage;
using line::LineWriter;

constexpr std::string_view kNotTheProtocol =
    "what the tool said is refused as a whole: it is cut off, too long, nested too deeply, says a "
    "key twice, or is not of the tool's protocol";
// What patd finds wrong with a request that is made here: the place.
constexpr std::string_view kNoPlace =
    "what is asked about is no place: it has to be a host as in a URL, such as registry.example or "
    "registry.example:5000";
constexpr std::string_view kNotWritable =
    "the token cannot be given in the form that the tool reads";
constexpr std::string_view kOnTerminal =
    "standard output is a terminal, which would show the secret; it is for a program to read "
    "(pat-get has --show)";

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

std::string_view sentence_of(const Error& error) {
    const bool is_protocol =
        error.code == Errc::MalformedRequest || error.code == Errc::LimitExceeded;
    return is_protocol ? kNotTheProtocol : errc_message(error.code);
}

// One run for one tool.
class ToolRun {
  public:
    ToolRun(const ToolStart& start, const Sockets& sockets)
        : start_(start), adapter_(*start.adapter), sockets_(sockets) {}

    int run() {
        // A tool that wants a greeting understands no refusal before it.
        if (!adapter_.greeting.empty() && !print(adapter_.greeting))
            return 1;
        if (start_.arguments.size() > arguments_.size())
            return refuse("too many arguments", adapter_.refused);
        std::copy(start_.arguments.begin(), start_.arguments.end(), arguments_.begin());
        SecretBuffer input(limits::kToolInputBytes);
        const std::span<char> room = input.free_space();
        if (const Result<void> read = read_input(input); !read)
            return refuse(sentence_of(read.error()), adapter_.refused);
        const Result<Question> question =
            adapter_.parse({start_.name, arguments(), room.first(input.size())});
        if (!question)
            return refuse(sentence_of(question.error()), adapter_.refused);
        return question->verb ? ask(*question) : end_without_asking(*question);
    }

  private:
    std::span<const std::string_view> arguments() const {
        return std::span(arguments_).first(start_.arguments.size());
    }

    Result<void> read_input(SecretBuffer& input) const {
        const auto said = arguments();
        const bool is_read = adapter_.reads_for.empty() ||
                             std::find(said.begin(), said.end(), adapter_.reads_for) != said.end();
        if (adapter_.reads == Reads::Nothing || !is_read)
            return {};
        if (adapter_.reads != Reads::ExecInfo)
            return read_tool_input(STDIN_FILENO, adapter_.reads == Reads::Line, input);
        const char* const info = secure_getenv("KUBERNETES_EXEC_INFO");
        return input.append(std::string_view(info == nullptr ? "" : info));
    }

    int ask(const Question& question) {
        if (question.verb == Verb::Get && !question.show && isatty(STDOUT_FILENO) == 1)
            return refuse(kOnTerminal, 1);
        if (!question.before.empty()) {
            Question first = question;
            first.scheme = question.before;
            first.place = without_scheme(question.place);
            if (const std::optional<int> status = ask_for(first))
                return *status;
        }
        const std::optional<int> status = ask_for(question);
        return status ? *status : end(adapter_.none);
    }

    // The status of a run that ends with this; none: no token fits.
    std::optional<int> ask_for(const Question& question) {
        Result<SecretBuffer> request = make_request(adapter_, question);
        if (!request)
            return refuse(sentence_of(request.error()), adapter_.refused);
        const Result<SecretBuffer> reply =
            ask_services(*question.verb, std::move(*request), sockets_);
        if (!reply)
            return refuse(error_sentence(reply.error().code), adapter_.refused);
        const Told told = read_reply(adapter_, question, *reply);
        if (!told.refusal.empty())
            return refuse(told.refusal, adapter_.refused);
        if (question.verb != Verb::Get)
            return print(question.words) ? 0 : 1;
        return told.found ? std::optional<int>(answer(question, told.credential)) : std::nullopt;
    }

    int answer(const Question& question, const Credential& credential) {
        SecretBuffer out(limits::kToolOutputBytes);
        if (!adapter_.write(question, credential, out))
            return refuse(kNotWritable, adapter_.refused);
        return write_output({out.reveal()}, adapter_.name) ? 0 : 1;
    }

    int end_without_asking(const Question& question) {
        if (!question.complaint.empty())
            return refuse(question.complaint, question.status);
        return print(question.words) ? question.status : 1;
    }

    int end(const Ending& ending) {
        complain(ending.complaint, adapter_.name);
        return print(ending.words) ? ending.status : 1;
    }

    int refuse(std::string_view sentence, int status) {
        if (adapter_.write_refusal == nullptr) {
            complain(sentence, adapter_.name);
            return status;
        }
        SecretBuffer out(limits::kToolOutputBytes);
        if (!adapter_.write_refusal(sentence, out))
            return 1;
        return write_output({out.reveal()}, adapter_.name) ? adapter_.refused : 1;
    }

    bool print(std::string_view words) const { return write_output({words}, adapter_.name); }

    const ToolStart& start_;
    const Adapter& adapter_;
    const Sockets& sockets_;
    std::array<std::string_view, limits::kToolArguments> arguments_;
};

}  // namespace

std::optional<ToolStart> find_tool(std::string_view started_as, std::span<char* const> arguments) {
    const std::string_view name = last_part(started_as);
    if (const Adapter* const adapter = find_adapter(name))
        return ToolStart{adapter, name, arguments};
    if (arguments.empty())
        return std::nullopt;
    const std::string_view first = arguments.front();
    if (const Adapter* const adapter = find_adapter(first))
        return ToolStart{adapter, first, arguments.subspan(1)};
    return std::nullopt;
}

int run_tool(const ToolStart& start, const Sockets& sockets) {
    return ToolRun(start, sockets).run();
}

Result<SecretBuffer> make_request(const Adapter& adapter, const Question& question) {
    SecretBuffer request = begin_request(*question.verb, question.narrowing);
    LineWriter writer(request);
    if (question.scheme.empty()) {
        TRY(writer.add("url", question.place));
    } else {
        SecretBuffer url(question.scheme.size() + question.place.size());
        TRY(url.append(question.scheme));
        TRY(url.append(question.place));
        TRY(writer.add("url", {url.reveal().data(), url.size()}));
    }
    if (!question.username.empty())
        TRY(writer.add("username", question.username));
    if (question.verb == Verb::Store)
        TRY(writer.add("password", question.secret));
    if (question.verb == Verb::Get && adapter.header) {
        TRY(writer.add("capability[]", "authtype"));
        TRY(writer.add("alone", "1"));
    }
    if (question.verb == Verb::Get && !adapter.secret_kind.empty())
        TRY(writer.add("secret_kind", adapter.secret_kind));
    TRY(writer.add("tool", adapter.tool));
    if (!TRY(complete_request(request, true)))
        return Error{Errc::MalformedRequest, "incomplete"};
    return request;
}

Told read_reply(const Adapter& adapter, const Question& question, const SecretBuffer& reply) {
    std::size_t consumed = 0;
    const auto parsed = LineMessage::parse(reply.reveal(), false, consumed);
    if (!parsed || !*parsed)
        return {.refusal = error_sentence(Errc::Unavailable)};
    const LineMessage& message = **parsed;
    if (const auto name = message.find("error")) {
        const Errc code = errc_from_name(*name).value_or(Errc::Internal);
        const std::string_view text = message.get("text");
        if (code == Errc::MalformedRequest)
            return {.refusal = kNoPlace};
        return {.refusal = text.empty() ? errc_message(code) : text};
    }
    Told told;
    Credential& credential = told.credential;
    credential.username = message.get("username");
    credential.password = message.get("password");
    credential.session_token = message.get("session_token");
    credential.authtype = message.get("authtype");
    credential.credential = message.get("credential");
    const std::string_view expires = message.get("password_expiry_utc");
    (void)std::from_chars(expires.data(), expires.data() + expires.size(), credential.expires);
    credential.now = std::time(nullptr);
    // Names without a secret (Kerberos, a refresh token) are git's alone.
    const bool has_header = !credential.authtype.empty() && !credential.credential.empty();
    told.found = adapter.header ? has_header : !credential.password.empty();
    told.found = told.found && (!question.wants_username || !credential.username.empty());
    return told;
}

}  // namespace patd::credential_helper
