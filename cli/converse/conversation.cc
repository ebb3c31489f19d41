// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/converse/conversation.h"

#include "cli/io/descriptor_io.h"
#include "common/base/limits.h"
#include "common/base/tool_limits.h"
#include "common/json/json_text.h"

#include <utility>

namespace patd::cli {
namespace {

std::string_view style_of(client::PromptKind kind) {
    switch (kind) {
        case client::PromptKind::Secret:
            return "secret";
        case client::PromptKind::Visible:
            return "visible";
        case client::PromptKind::TokenSecret:
            return "token-secret";
        case client::PromptKind::ErrorText:
            return "error";
        default:
            return "info";
    }
}

bool wants_answer(client::PromptKind kind) {
    return kind == client::PromptKind::Secret || kind == client::PromptKind::Visible ||
           kind == client::PromptKind::TokenSecret;
}

// How long an answer may take: patd-auth's time, or the operation's.
std::chrono::seconds time_for(client::PromptKind kind) {
    return kind == client::PromptKind::TokenSecret ? limits::kOperationIdle
                                                   : limits::kConversationIdle;
}

Error out_of_order(const std::string& expected) {
    return {Errc::OutOfOrder,
            "another message is expected now: " + expected + "; see patctl-converse(7)"};
}

}  // namespace

Result<void> Conversation::say(const Json& message) {
    return channel_.write_line(message.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n");
}

Result<Message> Conversation::receive(std::optional<std::chrono::seconds> within) {
    const std::span<char> line = TRY(channel_.read_line(within));
    std::optional<Message> message = parse_message(line, faults);
    if (!message)
        return faults.front().error;
    if (std::holds_alternative<Cancel>(*message))
        return Errc::Cancelled;
    return std::move(*message);
}

Result<Begin> Conversation::begin() {
    Message message = TRY(receive(std::nullopt));
    if (Begin* begin = std::get_if<Begin>(&message))
        return std::move(*begin);
    return out_of_order("begin");
}

Result<client::TokensClient> Conversation::connect() const {
    client::TokensClient client = TRY(session_.connect());
    client.give_up_at(channel_.end_fd());
    return client;
}

void Conversation::show(const client::Prompt& prompt) {
    Json message = {{"type", "prompt"},
                    {"prompt", ++prompts_},
                    {"style", style_of(prompt.kind)},
                    {"text", prompt.text},
                    {"seconds", nullptr}};
    if (wants_answer(prompt.kind))
        message["seconds"] = time_for(prompt.kind).count();
    if (const Result<void> said = say(message); !said && !unsaid_)
        unsaid_ = said.error();
}

Result<SecretBuffer> Conversation::answer(const client::Prompt& prompt) {
    show(prompt);
    if (unsaid_)
        return *unsaid_;
    const Message message = TRY(receive(time_for(prompt.kind)));
    const auto* answer = std::get_if<Answer>(&message);
    const std::string number = std::to_string(prompts_);
    if (answer == nullptr || answer->prompt != number)
        return out_of_order("answer, to prompt " + number);
    const bool is_token = prompt.kind == client::PromptKind::TokenSecret;
    if (answer->text.size() >
        (is_token ? limits::kTokenSecretBytes : limits::kServicePasswordBytes))
        return is_token ? Errc::InvalidSecret : Errc::InvalidPassword;
    SecretBuffer copy = SecretBuffer::copy_of(answer->text);
    channel_.forget();
    return copy;
}

Result<void> Conversation::prove(client::Operation& operation, const SecretBuffer* secret,
                                 Remembered* remembered) {
    using client::PromptKind;
    while (true) {
        client::Prompt prompt = TRY(operation.next());
        if (prompt.kind == PromptKind::Done)
            return {};
        if (!wants_answer(prompt.kind)) {
            show(prompt);
            if (unsaid_)
                return *unsaid_;
            continue;
        }
        if (prompt.kind == PromptKind::TokenSecret && secret != nullptr) {
            TRY(client::write_into(std::move(prompt.sink), secret->reveal()));
            continue;
        }
        const bool is_password = prompt.kind == PromptKind::Secret && remembered != nullptr;
        if (is_password && remembered->is_right && remembered->prompt == prompt.text) {
            TRY(client::write_into(std::move(prompt.sink), remembered->answer.reveal()));
            continue;
        }
        unanswered_ = std::move(prompt.sink);
        SecretBuffer given = TRY(answer(prompt));
        TRY(client::write_into(std::move(unanswered_), given.reveal()));
        if (is_password && remembered->prompt.empty()) {
            remembered->prompt = prompt.text;
            remembered->answer = std::move(given);
        }
    }
}

Error Conversation::note_unknown(const Error& error) {
    is_unknown_ = error.code == Errc::Unavailable;
    return error;
}

Result<void> Conversation::say_secret(const std::string& id, const SecretBuffer& secret) {
    SecretBuffer line(limits::kConverseLineBytes);
    TRY(JsonText(line)
            .raw(R"({"type":"secret","id":)")
            .quoted(id)
            .raw(R"(,"secret":)")
            .quoted({secret.reveal().data(), secret.size()})
            .raw(R"(,"seconds":)" + std::to_string(limits::kOperationIdle.count()) + "}")
            .end());
    return channel_.write_line({line.reveal().data(), line.size()});
}

Result<void> Conversation::hand_over(client::Operation& operation, const std::string& id,
                                     client::SecretSink& sink) {
    const SecretBuffer secret = TRY(sink.receive());
    if (secret.empty())
        return Error{Errc::Unavailable, "the service sent no secret; nothing was changed"};
    TRY(say_secret(id, secret));
    const Message message = TRY(receive(limits::kOperationIdle));
    if (!std::holds_alternative<Acknowledge>(message))
        return out_of_order("acknowledge");
    if (const Result<void> done = operation.acknowledge(); !done)
        return note_unknown(done.error());
    return {};
}

Result<client::Dictionary> Conversation::go_through(client::Operation& operation,
                                                    const SecretBuffer* secret,
                                                    Remembered* remembered, Cancelling cancelling) {
    TRY(prove(operation, secret, remembered));
    const Result<void> said = say({{"type", "commit"}});
    if (!said && cancelling == Cancelling::Allowed)
        return said.error();
    client::SecretSink sink = TRY(client::SecretSink::create());
    Result<client::Dictionary> committed = operation.commit(sink);
    if (!committed)
        return note_unknown(committed.error());
    if (committed->flag("acknowledge"))
        TRY(hand_over(operation, committed->text("id"), sink));
    if (remembered != nullptr)
        remembered->is_right = true;
    return committed;
}

Result<client::Dictionary> Conversation::carry_out(client::Operation operation,
                                                   const SecretBuffer* secret,
                                                   Remembered* remembered, Cancelling cancelling) {
    Result<client::Dictionary> committed = go_through(operation, secret, remembered, cancelling);
    if (!committed)
        (void)operation.cancel();
    return committed;
}

Fault Conversation::explain(const Error& error) const {
    Fault fault{error};
    const std::string field = field_of(error.code);
    if (field == "password" || field == "secret")
        fault.field = field;
    if (error.code != Errc::Throttled)
        return fault;
    Result<client::TokensClient> client = session_.connect();
    const Result<client::Dictionary> status =
        client ? client->status() : Result<client::Dictionary>(client.error());
    if (status && status->has("password-wait"))
        fault.seconds = status->count("password-wait");
    return fault;
}

ExitCode Conversation::end(const Result<void>& done) {
    channel_.close();
    // Nobody reads any more.
    if (!done && is_output_error(done.error()))
        return ExitCode::Failure;
    if (!done && faults.empty())
        faults.push_back(explain(done.error()));
    const bool is_cancelled = !done && done.error().code == Errc::Cancelled;
    Json errors = Json::array();
    for (const Fault& fault : faults)
        errors.push_back(to_json(fault, session_.describe(fault.error)));
    const Json message = {{"type", "ended"},
                          {"outcome", done           ? "done"
                                      : is_unknown_  ? "unknown"
                                      : is_cancelled ? "cancelled"
                                                     : "refused"},
                          {"result", result},
                          {"errors", errors}};
    if (!say(message))
        return ExitCode::Failure;
    return done ? ExitCode::Success : exit_code_of(faults.front().error.code);
}

}  // namespace patd::cli
