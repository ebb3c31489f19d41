// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/names.h"
#include "common/bus/dict.h"
#include "daemon/dbus/bus_service.h"
#include "tests/support/bus_pair.h"
#include "tests/support/client_sink.h"
#include "tests/support/line_services.h"
#include "tests/support/scripted_identity.h"
#include "tests/support/scripted_step_up.h"
#include "tests/support/service_fixture.h"

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace patd::support {

inline constexpr char kAliceBus[] = ":1.1";
inline constexpr char kAliceSecondBus[] = ":1.2";
inline constexpr char kBobBus[] = ":1.3";
inline constexpr char kRootBus[] = ":1.4";

// An a{sv} of pairs.
inline bus::Dict dict(std::initializer_list<std::pair<const char*, bus::Value>> entries) {
    bus::Dict result;
    for (const auto& [key, value] : entries)
        result.set(key, value);
    return result;
}

inline Fill with(const bus::Dict& options) {
    return [options](sd_bus_message* message) { options.append_to(message).value(); };
}

inline void append_texts(sd_bus_message* message, const std::vector<std::string>& texts) {
    must(sd_bus_message_open_container(message, 'a', "s"), "open as");
    for (const std::string& text : texts)
        must(sd_bus_message_append(message, "s", text.c_str()), "append");
    must(sd_bus_message_close_container(message), "close as");
}

inline Fill create_arguments(const std::string& description,
                             const std::vector<std::string>& permissions,
                             const bus::Dict& options = {}) {
    return [=](sd_bus_message* message) {
        must(sd_bus_message_append(message, "s", description.c_str()), "append");
        append_texts(message, permissions);
        options.append_to(message).value();
    };
}

inline Fill import_arguments(const std::string& description, const bus::Dict& options) {
    return [=](sd_bus_message* message) {
        must(sd_bus_message_append(message, "s", description.c_str()), "append");
        options.append_to(message).value();
    };
}

inline Fill with_descriptor(int fd) {
    return [fd](sd_bus_message* message) {
        must(sd_bus_message_append(message, "h", fd), "append h");
    };
}

inline std::string patd_error(Errc code) {
    return names::kErrorPrefix + std::string(errc_name(code));
}

inline bus::Dict read_dict(const Reply& reply) {
    return bus::Dict::read(reply.message.get()).value();
}

// One answer of Next.
struct BusPrompt {
    std::string kind;
    std::string text;
    UniqueFd sink;
};

inline BusPrompt read_prompt(const Reply& reply) {
    if (!reply.ok())
        throw std::runtime_error(reply.error);
    BusPrompt prompt{reply.string(), reply.string(), {}};
    prompt.sink = reply.descriptor();
    return prompt;
}

// The daemon's bus objects over a socketpair. Tests say who calls by naming a sender.
class BusFixture : public ServiceFixture {
  protected:
    void SetUp() override {
        ServiceFixture::SetUp();
        identity_.set(kAliceBus, kAlice);
        identity_.set(kAliceSecondBus, kAlice);
        identity_.set(kBobBus, kBob);
        identity_.set(kRootBus, Uid(0));
        tokens_.emplace(context());
        line_.emplace(context(), *loop_, StepUpSockets{auth_.path(), enroll_.path()});
        exposures_.emplace(Exposure::Parts{*loop_, line_->verbs, context()});
        owners_.emplace(OwnerCheck::Parts{*loop_, writer_, context()});
        clock_keeper_.emplace(ClockKeeper::Parts{*loop_, guard_, context()});
        rotation_.emplace(*loop_, context(), [this] { return master_key(key_fill_); });
        admin_.emplace(
            context(), [this] { return master_key(key_fill_); }, writer_, *rotation_);
        // Nobody is there; a test that needs more begins it.
        keeper_.emplace(
            WitnessKeeper::Parts{*loop_, *store_, clock_, directory_.file("no-auth.sock")});
        keeper_->compare(Errc::NotFound).value();  // patd-auth has no witness
        rollback_.emplace(context(), *keeper_, std::function<void()>());
        service_ = BusService::create(
                       pair_.service(),
                       {{*tokens_, line_->releaser, line_->verifier, context(), *exposures_},
                        operations_,
                        identity_,
                        {*admin_, *owners_, *clock_keeper_, &*rollback_}})
                       .value();
    }

    BusCaller as(const char* sender) {
        BusCaller caller(*loop_, pair_.client());
        caller.set_sender(sender);
        return caller;
    }
    Reply manager(const char* who, const char* member, const Fill& fill = {}) {
        return as(who).call(names::kManagerPath, names::kManagerInterface, member, fill);
    }
    Reply admin(const char* who, const char* member, const Fill& fill = {}) {
        return as(who).call(names::kManagerPath, names::kAdminInterface, member, fill);
    }
    Reply token(const char* who, std::string_view id, const char* member, const Fill& fill = {}) {
        const std::string path = std::string(names::kTokenPrefix) + "/" + std::string(id);
        return as(who).call(path, names::kTokenInterface, member, fill);
    }
    Reply operation(const char* who, const std::string& path, const char* member,
                    const Fill& fill = {}) {
        return as(who).call(path, names::kOperationInterface, member, fill);
    }

    using Prompt = BusPrompt;
    Prompt next(const char* who, const std::string& path) {
        return read_prompt(operation(who, path, "Next"));
    }
    // Goes through a step-up that asks for one password.
    void prove(const char* who, const std::string& path) {
        PendingCall first = as(who).send(path, names::kOperationInterface, "Next");
        StepUpConversation conversation = auth_.accept();
        (void)conversation.begin();
        conversation.send(step_up::FrameKind::PromptSecret, "Service password: ");
        answer(read_prompt(as(who).finish(std::move(first))).sink, "hunter2");
        (void)conversation.answer();
        conversation.send(step_up::FrameKind::Granted);
        if (next(who, path).kind != "done")
            throw std::runtime_error("not done");
    }
    Reply commit(const char* who, const std::string& path, const ClientSink& sink) {
        return operation(who, path, "Commit", with_descriptor(sink.passed()));
    }
    // Begins to create a token of Alice's.
    std::string begin_create(const bus::Dict& options = {}) {
        return manager(kAliceBus, "Create",
                       create_arguments("laptop", {"vcs:repository:rw"}, options))
            .path();
    }
    // Creates one completely; returns the secret.
    std::string create(const bus::Dict& options = {}) {
        const std::string path = begin_create(options);
        prove(kAliceBus, path);
        ClientSink sink(kAlice);
        if (!commit(kAliceBus, path, sink).ok())
            throw std::runtime_error("no commit");
        std::string secret = sink.receive(*loop_);
        if (!operation(kAliceBus, path, "Acknowledge").ok())
            throw std::runtime_error("no acknowledge");
        return secret;
    }
    bool is_valid(const std::string& secret) {
        return line_->verifier.verify(caller_of(kBob), secret, {}).value().valid.has_value();
    }

    // The store's bytes on disk.
    std::string store_bytes() const {
        std::string bytes;
        for (const char* name : {"store.db", "store.db-wal"}) {
            std::ifstream file(directory_.file(name), std::ios::binary);
            bytes.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
        return bytes;
    }

    BusPair pair_{*loop_};
    ScriptedIdentity identity_;
    ScriptedStepUp auth_{*loop_, directory_.file("auth.sock")};
    ScriptedStepUp enroll_{*loop_, directory_.file("enroll.sock")};
    Quota under_way_{{limits::kOperationsPerUser, limits::kOperations}};
    Quota handed_{{limits::kHandedDescriptorsPerUser, limits::kHandedDescriptors}};
    StepUpServices step_ups_{*loop_, {auth_.path(), enroll_.path()}, clock_};
    Operations operations_{*loop_, step_ups_, random_, {under_way_, handed_}};
    char key_fill_ = 'k';  // what the service finds where its master key was
    std::optional<KeyRotation> rotation_;
    std::optional<OwnerCheck> owners_;
    ClockGuard guard_{clock_};
    std::optional<ClockKeeper> clock_keeper_;
    std::optional<AdminService> admin_;
    std::optional<WitnessKeeper> keeper_;
    std::optional<RollbackAdmin> rollback_;
    std::optional<TokenService> tokens_;
    std::optional<LineServices> line_;
    std::optional<Exposures> exposures_;
    std::unique_ptr<BusService> service_;
};

}  // namespace patd::support
