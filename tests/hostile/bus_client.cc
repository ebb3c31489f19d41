// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "tests/hostile/bus_client.h"

#include "common/base/errc.h"
#include "common/base/names.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>

namespace patd::hostile {
namespace {

using std::chrono::seconds;

// For any call that needs no human. An ordinary client gives up after five seconds; this one waits
// behind its own bursts.
constexpr seconds kAnswerDeadline{30};

// What sd-bus and the bus itself answer to faulty messages.
constexpr std::array<std::string_view, 12> kOfTheBus = {
    SD_BUS_ERROR_UNKNOWN_METHOD,     SD_BUS_ERROR_UNKNOWN_OBJECT,
    SD_BUS_ERROR_UNKNOWN_INTERFACE,  SD_BUS_ERROR_UNKNOWN_PROPERTY,
    SD_BUS_ERROR_PROPERTY_READ_ONLY, SD_BUS_ERROR_INVALID_ARGS,
    SD_BUS_ERROR_INVALID_SIGNATURE,  SD_BUS_ERROR_INCONSISTENT_MESSAGE,
    SD_BUS_ERROR_ACCESS_DENIED,      SD_BUS_ERROR_LIMITS_EXCEEDED,
    SD_BUS_ERROR_NOT_SUPPORTED,      SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED};

void must(int result, const char* what) {
    if (result < 0)
        throw std::runtime_error(std::string(what) + ": " + std::to_string(-result));
}

bool is_known(std::string_view error) {
    constexpr std::string_view kPrefix = names::kErrorPrefix;
    if (error.starts_with(kPrefix)) {
        const auto code = errc_from_name(error.substr(kPrefix.size()));
        return code && *code != Errc::Internal && *code != Errc::Corrupt;
    }
    return std::find(kOfTheBus.begin(), kOfTheBus.end(), error) != kOfTheBus.end();
}

}  // namespace

struct BusClient::Call {
    BusClient* client;
    std::string member;
    std::string what;
    OnAnswer on_answer;
    bus::SlotPtr slot;
    bool answered = false;
};

BusClient::BusClient(FuzzRun& run) : run_(run) {
    sd_bus* raw = nullptr;
    must(sd_bus_open_system(&raw), "sd_bus_open_system");
    bus_.reset(raw);
    sd_bus_slot* slot = nullptr;
    must(sd_bus_add_filter(raw, &slot, on_stray, this), "sd_bus_add_filter");
    filter_.reset(slot);
    sd_bus_message* reply = nullptr;
    must(sd_bus_call_method(raw, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "GetNameOwner", nullptr, &reply, "s",
                            names::kBusName),
         "GetNameOwner");
    const bus::MessagePtr held(reply);
    const char* name = nullptr;
    must(sd_bus_message_read(reply, "s", &name), "read s");
    service_ = name;
}

BusClient::~BusClient() {
    // Not closed in an orderly way: what it sent last may or may not arrive.
    sd_bus_close(bus_.get());
}

bus::MessagePtr BusClient::new_call(const std::string& path, const std::string& interface,
                                    const std::string& member) {
    sd_bus_message* raw = nullptr;
    must(sd_bus_message_new_method_call(bus_.get(), &raw, names::kBusName, path.c_str(),
                                        interface.empty() ? nullptr : interface.c_str(),
                                        member.c_str()),
         "new_method_call");
    return bus::MessagePtr(raw);
}

void BusClient::send(const bus::MessagePtr& message, OnAnswer on_answer) {
    if (gone())
        return;
    run_.count();
    const char* member = sd_bus_message_get_member(message.get());
    const char* signature = sd_bus_message_get_signature(message.get(), 1);
    auto call = std::make_unique<Call>();
    call->client = this;
    call->member = std::string(member == nullptr ? "?" : member).substr(0, 20);
    call->what = call->member + "(" +
                 std::string(signature == nullptr ? "?" : signature).substr(0, 80) + ")";
    call->on_answer = std::move(on_answer);
    sd_bus_slot* slot = nullptr;
    const std::uint64_t micros =
        std::chrono::duration_cast<std::chrono::microseconds>(kAnswerDeadline).count();
    const int sent =
        sd_bus_call_async(bus_.get(), &slot, message.get(), on_reply, call.get(), micros);
    if (sent == -ENOTCONN || sent == -ECONNRESET || sent == -EPIPE)
        gone_ = true;
    if (sent < 0)
        return;
    call->slot.reset(slot);
    calls_.push_back(std::move(call));
}

void BusClient::send_without_answer(const bus::MessagePtr& message) {
    if (gone())
        return;
    run_.count();
    if (sd_bus_send(bus_.get(), message.get(), nullptr) == -ENOTCONN)
        gone_ = true;
}

void BusClient::send_unread(const bus::MessagePtr& message) {
    run_.count();
    std::uint64_t cookie = 0;  // with which an answer is expected
    (void)sd_bus_send(bus_.get(), message.get(), &cookie);
    (void)sd_bus_flush(bus_.get());
}

int BusClient::on_reply(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto* call = static_cast<Call*>(userdata);
    call->answered = true;
    Answer answer{message, {}};
    if (const sd_bus_error* error = sd_bus_message_get_error(message); error != nullptr) {
        answer.error = error->name;
        call->client->judge(*call, answer.error);
    }
    call->client->run_.note(call->member + " " + answer.error);
    if (call->on_answer)
        call->on_answer(answer);
    return 1;
}

void BusClient::judge(const Call& call, const std::string& error) const {
    // sd-bus itself answers pending calls when the connection ends.
    if (!gone() && !is_known(error))
        run_.fault(call.what + " was answered " + error);
}

// Answers that nobody waits for, and signals.
int BusClient::on_stray(sd_bus_message* message, void* userdata, sd_bus_error*) {
    std::uint8_t type = 0;
    (void)sd_bus_message_get_type(message, &type);
    const char* sender = sd_bus_message_get_sender(message);
    auto* client = static_cast<BusClient*>(userdata);
    const bool is_answer =
        type == SD_BUS_MESSAGE_METHOD_RETURN || type == SD_BUS_MESSAGE_METHOD_ERROR;
    if (is_answer && sender != nullptr && client->service_ == sender)
        client->run_.fault("an answer came that nobody waits for");
    return 0;
}

bool BusClient::turn() {
    const int done = sd_bus_process(bus_.get(), nullptr);
    if (done < 0) {
        gone_ = true;
        calls_.clear();
        return false;
    }
    std::erase_if(calls_, [](const std::unique_ptr<Call>& call) { return call->answered; });
    if (done > 0)
        return true;
    return sd_bus_wait(bus_.get(), 1000000) >= 0;
}

void BusClient::settle() {
    while (!calls_.empty() && turn()) {
    }
}

void BusClient::call(const bus::MessagePtr& message, const OnAnswer& on_answer) {
    send(message, on_answer);
    settle();
}

}  // namespace patd::hostile
