// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/support/desktop.h"

#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

namespace patd::support {

// A program that owns org.freedesktop.secrets and misbehaves. It speaks just enough of the Secret
// Service to be taken for a keyring until the moment that its behaviour names.
class HostileKeyring {
  public:
    enum class Behaviour {
        NeverAnswers,
        PlainOnly,          // knows no encrypted session
        PromptIsDismissed,  // locked, and its user refuses
        PromptNeverEnds,    // locked, and its prompt never answers, even when dismissed
        PromptDies,         // locked, and exits while its prompt is shown
        UnlockedElsewhere,  // locked, and silently open once its prompt is shown
        AsksForItems,       // open, but shows an item only after a prompt, which its user accepts
        RefusesItems,       // the same, but the user refuses
        EmptyWhenLocked,    // locked by the time of a read, and gives an empty secret
        LostSecrets,        // not locked, and gives an empty secret
        TwoKeys,            // gives secrets that do not decode
        DecodesByChance,    // gives secrets that decode to something else each time
        DiesInTheMiddle,    // at the first look for an item
        AnswersGarbage,     // answers everything with a text
        NoDefault,          // has no default keyring
        RefusesKeys,        // takes the fourth public key, as KWallet may
        NoCiphers,          // cannot encrypt, and fails instead of saying so
        SignalsEarly,       // reports collections before anybody asked for them
    };

    HostileKeyring(const SessionBus& bus, Behaviour behaviour)
        : behaviour_(behaviour), bus_(bus.connect()) {
        must(sd_bus_add_filter(bus_.get(), nullptr, on_message, this), "sd_bus_add_filter");
        must(sd_bus_request_name(bus_.get(), Desktop::kService, 0), "sd_bus_request_name");
        thread_ = std::thread([this] {
            while (!stopping_ && sd_bus_is_open(bus_.get()) > 0) {
                while (sd_bus_process(bus_.get(), nullptr) > 0) {
                }
                (void)sd_bus_wait(bus_.get(), 20'000);
            }
        });
    }
    ~HostileKeyring() {
        stopping_ = true;
        thread_.join();
    }
    HostileKeyring(const HostileKeyring&) = delete;
    HostileKeyring& operator=(const HostileKeyring&) = delete;

    // How often it was asked for a secret, or given one.
    int secrets_seen() const { return secrets_seen_; }
    int prompts() const { return prompts_; }
    int sessions() const { return sessions_; }
    bool prompted() const { return prompts_ > 0; }

  private:
    static bool is(sd_bus_message* message, const char* member) {
        const char* name = sd_bus_message_get_member(message);
        return name != nullptr && std::strcmp(name, member) == 0;
    }
    static int on_message(sd_bus_message* message, void* self, sd_bus_error*) {
        std::uint8_t type = 0;
        (void)sd_bus_message_get_type(message, &type);
        if (type != SD_BUS_MESSAGE_METHOD_CALL)
            return 0;
        return static_cast<HostileKeyring*>(self)->answer(message);
    }
    int answer(sd_bus_message* call) {
        if (is(call, "CreateItem") || is(call, "GetSecrets") || is(call, "GetSecret"))
            ++secrets_seen_;
        if (behaviour_ == Behaviour::NeverAnswers)
            return 1;
        if (behaviour_ == Behaviour::AnswersGarbage)
            return reply(call, "s", "garbage");
        if (is(call, "OpenSession"))
            return open_session(call);
        if (is(call, "ReadAlias"))
            return reply(call, "o",
                         behaviour_ == Behaviour::NoDefault ? "/" : Desktop::kCollection);
        if (is(call, "GetAll"))
            return reply(call, "a{sv}", 0);
        if (is(call, "Get"))
            return get(call);
        if (is(call, "Unlock"))
            return reply(call, "aoo", 0, "/prompt");
        if (is(call, "Prompt"))
            return prompt(call);
        if (is(call, "Dismiss"))
            return reply(call, "");
        if (is(call, "SearchItems"))
            return search(call);
        if (is(call, "GetSecrets"))
            return give_nothing(call);
        return 0;
    }
    int open_session(sd_bus_message* call) {
        ++sessions_;
        const char* algorithm = nullptr;
        must(sd_bus_message_read(call, "s", &algorithm), "read");
        if (behaviour_ == Behaviour::NoCiphers)
            return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.Failed", "no");
        if (behaviour_ == Behaviour::RefusesKeys && sessions_ < 4)
            return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.InvalidArgs", "no");
        if (behaviour_ == Behaviour::SignalsEarly)
            must(sd_bus_emit_signal(bus_.get(), Desktop::kServicePath,
                                    "org.freedesktop.Secret.Service", "CollectionCreated", "o",
                                    Desktop::kCollection),
                 "CollectionCreated");
        if (std::strcmp(algorithm, "plain") == 0)
            return reply(call, "vo", "s", "", "/session");
        if (behaviour_ == Behaviour::PlainOnly)
            return sd_bus_reply_method_errorf(call, "org.freedesktop.DBus.Error.NotSupported",
                                              "no");
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_method_return(call, &raw), "new return");
        const bus::MessagePtr answer(raw);
        // Any number is a public key of the exchange; with 1 the shared secret is 1.
        std::string key(128, '\x17');
        if (behaviour_ == Behaviour::DecodesByChance)
            key = std::string(127, '\0') + '\1';
        must(sd_bus_message_open_container(raw, 'v', "ay"), "open");
        must(sd_bus_message_append_array(raw, 'y', key.data(), key.size()), "append");
        must(sd_bus_message_close_container(raw), "close");
        must(sd_bus_message_append(raw, "o", "/session"), "append");
        return sd_bus_send(nullptr, raw, nullptr) < 0 ? -1 : 1;
    }
    int get(sd_bus_message* call) {
        const char* interface = nullptr;
        const char* name = nullptr;
        must(sd_bus_message_read(call, "ss", &interface, &name), "read");
        if (std::strcmp(name, "Attributes") == 0)
            return reply(call, "v", "a{ss}", 1, "id", "key");
        return reply(call, "v", "b", locked());
    }
    int search(sd_bus_message* call) {
        if (behaviour_ == Behaviour::DiesInTheMiddle) {
            sd_bus_close(bus_.get());
            return 1;
        }
        if (behaviour_ == Behaviour::EmptyWhenLocked || behaviour_ == Behaviour::LostSecrets ||
            behaviour_ == Behaviour::TwoKeys || behaviour_ == Behaviour::DecodesByChance)
            return reply(call, "aoao", 1, "/item", 0);
        const bool asks = behaviour_ == Behaviour::AsksForItems && !prompted();
        if (asks || behaviour_ == Behaviour::RefusesItems)
            return reply(call, "aoao", 0, 1, "/item");
        return reply(call, "aoao", 0, 0);
    }
    int give_nothing(sd_bus_message* call) {
        is_locked_ = behaviour_ == Behaviour::EmptyWhenLocked;
        if (behaviour_ == Behaviour::DecodesByChance)
            return give_another(call);
        if (behaviour_ == Behaviour::TwoKeys)
            return reply(call, "a{o(oayays)}", 1, "/item", "/session", 0, 1, 7, "text/plain");
        return reply(call, "a{o(oayays)}", 1, "/item", "/session", 0, 0, "text/plain");
    }
    // Sixteen zeros, and the vector with which they decode to fifteen letters and their padding.
    int give_another(sd_bus_message* call) {
        std::array<std::uint8_t, 16> vector = kZerosDecrypted;
        for (std::size_t i = 0; i < vector.size() - 1; ++i)
            vector[i] = static_cast<std::uint8_t>(vector[i] ^ ('a' + secrets_seen_ % 26));
        vector.back() ^= 1;
        const std::array<std::uint8_t, 16> zeros{};
        sd_bus_message* raw = nullptr;
        must(sd_bus_message_new_method_return(call, &raw), "new return");
        const bus::MessagePtr answer(raw);
        must(sd_bus_message_open_container(raw, 'a', "{o(oayays)}"), "open");
        must(sd_bus_message_open_container(raw, 'e', "o(oayays)"), "open");
        must(sd_bus_message_append(raw, "o", "/item"), "append");
        must(sd_bus_message_open_container(raw, 'r', "oayays"), "open");
        must(sd_bus_message_append(raw, "o", "/session"), "append");
        must(sd_bus_message_append_array(raw, 'y', vector.data(), vector.size()), "append");
        must(sd_bus_message_append_array(raw, 'y', zeros.data(), zeros.size()), "append");
        must(sd_bus_message_append(raw, "s", "text/plain"), "append");
        for (int i = 0; i < 3; ++i)
            must(sd_bus_message_close_container(raw), "close");
        return sd_bus_send(nullptr, raw, nullptr) < 0 ? -1 : 1;
    }
    int prompt(sd_bus_message* call) {
        ++prompts_;
        (void)reply(call, "");
        is_locked_ = is_locked_ && behaviour_ != Behaviour::UnlockedElsewhere;
        if (behaviour_ == Behaviour::PromptDies)
            sd_bus_close(bus_.get());
        const bool allowed = behaviour_ == Behaviour::AsksForItems;
        if (allowed || behaviour_ == Behaviour::PromptIsDismissed ||
            behaviour_ == Behaviour::RefusesItems)
            must(sd_bus_emit_signal(bus_.get(), "/prompt", "org.freedesktop.Secret.Prompt",
                                    "Completed", "bv", allowed ? 0 : 1, "ao", 0),
                 "Completed");
        return 1;
    }
    static bool begins_locked(Behaviour behaviour) {
        return behaviour == Behaviour::PromptIsDismissed ||
               behaviour == Behaviour::PromptNeverEnds || behaviour == Behaviour::PromptDies ||
               behaviour == Behaviour::UnlockedElsewhere;
    }
    int locked() const { return is_locked_; }
    template <typename... Values>
    int reply(sd_bus_message* call, const char* types, Values... values) {
        return sd_bus_reply_method_return(call, types, values...) < 0 ? -1 : 1;
    }

    // Under the key derived from the shared secret 1 (HKDF-SHA256, no salt; AES-128).
    static constexpr std::array<std::uint8_t, 16> kZerosDecrypted = {
        0xf6, 0x80, 0x2c, 0x96, 0x7b, 0x54, 0x46, 0x43,
        0x81, 0x7b, 0x71, 0xce, 0x04, 0xe7, 0x3e, 0xf2};

    const Behaviour behaviour_;
    bool is_locked_ = begins_locked(behaviour_);
    std::atomic<bool> stopping_{false};
    std::atomic<int> prompts_{0};
    std::atomic<int> sessions_{0};
    std::atomic<int> secrets_seen_{0};
    bus::BusPtr bus_;
    std::thread thread_;
};

}  // namespace patd::support
