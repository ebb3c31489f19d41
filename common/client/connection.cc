// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "common/client/connection.h"

#include "common/base/names.h"
#include "common/client/service_start.h"

#include <poll.h>
#include <pwd.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace patd::client {
namespace {

constexpr std::string_view kBusErrorPrefix = "org.freedesktop.DBus.Error.";

constexpr int kStartsMax = 3;

struct BusErrorRow {
    std::string_view name;
    Errc code;
};

// Any other name means that nobody answers.
constexpr std::array kBusErrors = {
    BusErrorRow{"AccessDenied", Errc::AccessDenied},
    BusErrorRow{"InvalidArgs", Errc::MalformedRequest},
    BusErrorRow{"InvalidSignature", Errc::MalformedRequest},
    BusErrorRow{"LimitsExceeded", Errc::LimitExceeded},
    BusErrorRow{"UnknownObject", Errc::NotFound},
    BusErrorRow{"UnknownInterface", Errc::Internal},
    BusErrorRow{"UnknownMethod", Errc::Internal},
};

class BusError {
  public:
    BusError() = default;
    BusError(const BusError&) = delete;
    BusError& operator=(const BusError&) = delete;
    ~BusError() { sd_bus_error_free(&error_); }

    sd_bus_error* get() { return &error_; }
    // The bus itself refused to deliver the call, so nobody has seen it: the receiver is gone, or
    // no longer owns the service's name and the policy knows no such destination.
    bool is_undelivered() const {
        return sd_bus_error_has_name(&error_, SD_BUS_ERROR_SERVICE_UNKNOWN) > 0 ||
               sd_bus_error_has_name(&error_, SD_BUS_ERROR_NAME_HAS_NO_OWNER) > 0 ||
               sd_bus_error_has_name(&error_, SD_BUS_ERROR_ACCESS_DENIED) > 0;
    }
    Errc code() const {
        return error_.name == nullptr ? Errc::Unavailable : errc_from_bus_error(error_.name);
    }

  private:
    sd_bus_error error_{};
};

int keep_reply(sd_bus_message* reply, void* userdata, sd_bus_error* /*error*/) {
    *static_cast<sd_bus_message**>(userdata) = sd_bus_message_ref(reply);
    return 1;
}

// Until there is something to do for the bus, or `give_up` is readable.
int wait_for_bus(int give_up, sd_bus* bus) {
    constexpr std::uint64_t kMicroseconds = 1000;
    std::uint64_t until = 0;
    const int events = sd_bus_get_events(bus);
    if (events < 0 || sd_bus_get_timeout(bus, &until) < 0)
        return -EIO;
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto passed = static_cast<std::uint64_t>(now.tv_sec) * 1000 * kMicroseconds +
                        static_cast<std::uint64_t>(now.tv_nsec) / 1000;
    const std::uint64_t left = until > passed ? (until - passed) / kMicroseconds + 1 : 0;
    std::array<pollfd, 2> entries = {pollfd{give_up, POLLIN, 0},
                                     {sd_bus_get_fd(bus), static_cast<short>(events), 0}};
    const int ready =
        poll(entries.data(), entries.size(), until == UINT64_MAX ? -1 : static_cast<int>(left));
    if (ready < 0 && errno != EINTR)
        return -errno;
    return ready > 0 && entries[0].revents != 0 ? -ECANCELED : 0;
}

// As sd_bus_call(3); -ECANCELED: `give_up` became readable before.
int call_until(int give_up, sd_bus* bus, sd_bus_message* call, std::uint64_t timeout,
               sd_bus_error* error, sd_bus_message** reply) {
    sd_bus_slot* slot = nullptr;
    sd_bus_message* answer = nullptr;
    int status = sd_bus_call_async(bus, &slot, call, keep_reply, &answer, timeout);
    const std::unique_ptr<sd_bus_slot, decltype(&sd_bus_slot_unref)> owner(slot, sd_bus_slot_unref);
    while (status >= 0 && answer == nullptr) {
        status = sd_bus_process(bus, nullptr);
        if (status == 0)
            status = wait_for_bus(give_up, bus);
    }
    if (answer == nullptr)
        return status;
    if (sd_bus_message_is_method_error(answer, nullptr) > 0) {
        sd_bus_error_copy(error, sd_bus_message_get_error(answer));
        sd_bus_message_unref(answer);
        return -EIO;
    }
    *reply = answer;
    return 0;
}

// The unique name that owns kBusName, if that owner may be the service.
Result<std::string> trusted_owner(sd_bus* bus, bool (*trusts)(Uid)) {
    constexpr std::uint64_t kWanted = SD_BUS_CREDS_EUID | SD_BUS_CREDS_UNIQUE_NAME;
    sd_bus_creds* raw = nullptr;
    // Only if the service is not running: a bus without its activation file would refuse. A service
    // that was started may vanish before it is looked up, when somebody restarts it at that moment.
    for (int starts = 0; sd_bus_get_name_creds(bus, names::kBusName, kWanted, &raw) < 0; ++starts) {
        if (starts == kStartsMax)
            return Error{Errc::Unavailable, "the service is not on the bus"};
        TRY(start_service(bus));
    }
    const std::unique_ptr<sd_bus_creds, decltype(&sd_bus_creds_unref)> creds(raw,
                                                                             sd_bus_creds_unref);
    auto uid = static_cast<uid_t>(-1);
    const char* unique = nullptr;
    if (sd_bus_creds_get_euid(creds.get(), &uid) < 0 ||
        sd_bus_creds_get_unique_name(creds.get(), &unique) < 0)
        return Error{Errc::InsecurePeer, "the bus does not say who the service is"};
    if (!trusts(Uid(uid)))
        return Error{Errc::InsecurePeer, "another user owns the name of the service"};
    return std::string(unique);
}

}  // namespace

Errc errc_from_bus_error(std::string_view name) {
    if (name.starts_with(names::kErrorPrefix)) {
        name.remove_prefix(std::string_view(names::kErrorPrefix).size());
        return errc_from_name(name).value_or(Errc::Internal);
    }
    if (name.starts_with(kBusErrorPrefix))
        name.remove_prefix(kBusErrorPrefix.size());
    for (const BusErrorRow& row : kBusErrors) {
        if (row.name == name)
            return row.code;
    }
    return Errc::Unavailable;
}

bool may_be_service(Uid uid) {
    if (uid.is_root())
        return true;
    const passwd* entry = getpwnam(names::kDaemonUser);
    return entry != nullptr && uid == Uid(entry->pw_uid);
}

Connection::Connection(sd_bus* bus, std::string destination)
    : bus_(bus, sd_bus_flush_close_unref), destination_(std::move(destination)) {}

Result<Connection> Connection::open_system() {
    sd_bus* bus = nullptr;
    if (sd_bus_open_system(&bus) < 0)
        return Error{Errc::Unavailable, "the system bus cannot be reached"};
    return open(bus, may_be_service);
}

Result<Connection> Connection::open_session() {
    sd_bus* bus = nullptr;
    if (sd_bus_open_user(&bus) < 0)
        return Error{Errc::Unavailable, "the session bus cannot be reached"};
    return open(bus, [](Uid uid) { return uid == Uid(getuid()); });
}

Result<Connection> Connection::open(sd_bus* bus, Trusts trusts) {
    Connection connection(bus, {});
    connection.trusts_ = trusts;
    connection.destination_ = TRY(trusted_owner(bus, trusts));
    return connection;
}

Result<Message> Connection::new_call(const std::string& path, const char* interface,
                                     const char* member) const {
    sd_bus_message* message = nullptr;
    const char* destination = destination_.empty() ? nullptr : destination_.c_str();
    if (sd_bus_message_new_method_call(bus_.get(), &message, destination, path.c_str(), interface,
                                       member) < 0)
        return Error{Errc::Unavailable, "the connection to the service is gone"};
    return Message(message);
}

Result<Message> Connection::send(const Message& call, std::chrono::microseconds timeout,
                                 bool* undelivered) const {
    BusError error;
    sd_bus_message* reply = nullptr;
    const auto limit = static_cast<std::uint64_t>(timeout.count());
    const int sent = give_up_ < 0
                         ? sd_bus_call(bus_.get(), call.get(), limit, error.get(), &reply)
                         : call_until(give_up_, bus_.get(), call.get(), limit, error.get(), &reply);
    *undelivered = sent < 0 && error.is_undelivered();
    if (sent == -ECANCELED)
        return Errc::Cancelled;
    if (sent < 0)
        return error.code();
    return Message(reply);
}

Result<Message> Connection::call(const Message& call, std::chrono::seconds timeout) const {
    bool undelivered = false;
    Result<Message> reply = send(call, timeout, &undelivered);
    if (reply || !undelivered || destination_.empty() || !TRY(follow_service()))
        return reply;
    return send(TRY(copy_of(call)), timeout, &undelivered);
}

Result<bool> Connection::follow_service() const {
    const std::string before = destination_;
    destination_ = TRY(trusted_owner(bus_.get(), trusts_));
    return destination_ != before;
}

Result<Message> Connection::copy_of(const Message& call) const {
    sd_bus_message* const original = call.get();
    Message copy =
        TRY(new_call(sd_bus_message_get_path(original), sd_bus_message_get_interface(original),
                     sd_bus_message_get_member(original)));
    if (sd_bus_message_rewind(original, 1) < 0 || sd_bus_message_copy(copy.get(), original, 1) < 0)
        return Error{Errc::Internal, "copying a call"};
    return copy;
}

}  // namespace patd::client
