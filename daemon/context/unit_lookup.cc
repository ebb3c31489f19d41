// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/context/unit_lookup.h"

#include "common/bus/firewall.h"
#include "common/bus/handles.h"
#include "common/token/release_rules.h"
#include "daemon/context/peer_process.h"

#include <cstdlib>
#include <vector>

namespace patd {
namespace {

constexpr char kBus[] = "org.freedesktop.DBus";
constexpr char kBusPath[] = "/org/freedesktop/DBus";
constexpr char kSystemd[] = "org.freedesktop.systemd1";
constexpr char kSystemdPath[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnitPrefix[] = "/org/freedesktop/systemd1/unit";
constexpr char kNoUnit[] = "org.freedesktop.systemd1.NoUnitForPID";

// The unit that systemd names; "" if the process is in none.
Result<std::string> read_unit(sd_bus_message* reply) {
    if (sd_bus_message_is_method_error(reply, kNoUnit) > 0)
        return std::string();
    const char* path = nullptr;
    if (sd_bus_message_is_method_error(reply, nullptr) != 0 ||
        sd_bus_message_read(reply, "o", &path) <= 0)
        return Error{Errc::Unavailable, "systemd names no unit"};
    char* raw = nullptr;
    if (sd_bus_path_decode(path, kUnitPrefix, &raw) <= 0)
        return Error{Errc::Unavailable, "systemd names something that is no unit"};
    const std::unique_ptr<char, decltype(&free)> name(raw, free);
    if (!is_unit_name(name.get()))
        return Error{Errc::Unavailable, "systemd names something that is no unit"};
    return std::string(name.get());
}

Result<pid_t> read_process(sd_bus_message* reply) {
    std::uint32_t pid = 0;
    if (sd_bus_message_is_method_error(reply, nullptr) != 0 ||
        sd_bus_message_read(reply, "u", &pid) <= 0 || pid == 0)
        return Error{Errc::Unavailable, "the bus does not know the caller's process"};
    return static_cast<pid_t>(pid);
}

bool is_on_bus(const Caller& caller) {
    return caller.connection.starts_with(':');
}

Result<Process> open_process(const Caller& caller) {
    if (is_on_bus(caller))
        return Process{};
    const std::shared_ptr<const ProcessSource> source = caller.process.lock();
    if (!source)
        return Error{Errc::Unavailable, "nobody knows the caller's process"};
    return source->open_process();
}

}  // namespace

struct UnitLookup::Question {
    UnitLookup* lookup;
    std::uint64_t number;
    Uid uid;
    std::string connection;  // asked for the process, if that is not known
    Process process;
    Callback callback;
    bool asked = false;
    bus::SlotPtr slot = nullptr;
    bus::EventLoop::Source deadline = {};
};

struct UnitLookup::Answers {
    static int on_process(sd_bus_message* reply, void* userdata, sd_bus_error*) {
        auto* question = static_cast<Question*>(userdata);
        bus::guarded("process of a caller", [&] {
            UnitLookup& lookup = *question->lookup;
            const Result<pid_t> pid = read_process(reply);
            if (!pid)
                return lookup.finish(question->number, pid.error());
            question->process.pid = *pid;
            lookup.ask(*question);
        });
        return 1;
    }

    static int on_unit(sd_bus_message* reply, void* userdata, sd_bus_error*) {
        auto* question = static_cast<Question*>(userdata);
        bus::guarded("unit of a caller", [&] {
            UnitLookup& lookup = *question->lookup;
            const Result<std::string> unit = read_unit(reply);
            if (!unit)
                return lookup.finish(question->number, unit.error());
            // Only now, after systemd's answer: that answer is about this process if it is still
            // alive.
            const Process& process = question->process;
            const bool is_vouched_for = static_cast<bool>(process.pidfd);
            const bool is_gone = is_vouched_for && !is_alive(process);
            lookup.finish(question->number, CallerUnit{is_gone ? "" : *unit, is_vouched_for});
        });
        return 1;
    }
};

UnitLookup::UnitLookup(bus::EventLoop& loop) : loop_(loop) {}

UnitLookup::~UnitLookup() = default;

Result<void> UnitLookup::check_limits(Uid uid) const {
    std::size_t of_user = 0;
    for (const auto& [number, question] : questions_)
        of_user += question->uid == uid ? 1 : 0;
    if (of_user >= limits::kUnitLookupsWaiting)
        return Errc::LimitExceeded;
    return {};
}

void UnitLookup::find(const Caller& caller, Callback callback) {
    if (bus_ == nullptr)
        return callback(Error{Errc::Unavailable, "no bus to ask systemd on"});
    if (const Result<void> allowed = check_limits(caller.uid); !allowed)
        return callback(allowed.error());
    Result<Process> process = open_process(caller);
    if (!process && process.error().code == Errc::NotFound)
        return callback(CallerUnit{"", true});
    if (!process)
        return callback(process.error());
    const std::uint64_t number = ++last_number_;
    auto question = std::make_unique<Question>(Question{this, number, caller.uid, caller.connection,
                                                        std::move(*process), std::move(callback)});
    question->deadline = loop_.after(limits::kUnitLookupDeadline, [this, number] {
        finish(number, Error{Errc::Unavailable, "systemd does not answer in time"});
    });
    questions_.emplace(number, std::move(question));
    ask_more();
}

void UnitLookup::name(const Caller& caller, const std::function<void(const Caller&)>& callback) {
    find(caller, [caller, callback](const Result<CallerUnit>& unit) {
        Caller named = caller;
        if (unit)
            named.unit = unit->unit;
        callback(named);
    });
}

void UnitLookup::ask_more() {
    std::size_t all = 0;
    std::map<Uid, std::size_t> of_user;
    std::vector<Question*> next;
    for (const auto& [number, question] : questions_) {
        if (question->asked) {
            ++all;
            ++of_user[question->uid];
        }
    }
    for (const auto& [number, question] : questions_) {
        if (question->asked || all >= limits::kUnitLookups ||
            of_user[question->uid] >= limits::kUnitLookupsOfUser)
            continue;
        ++all;
        ++of_user[question->uid];
        next.push_back(question.get());
    }
    // Answers arrive in a turn of the loop, so none of these is gone before it was asked.
    for (Question* question : next)
        ask(*question);
}

void UnitLookup::ask(Question& question) {
    question.asked = true;
    if (send(question) < 0)
        question.deadline = loop_.after({}, [this, number = question.number] {
            finish(number, Error{Errc::Unavailable, "cannot ask systemd"});
        });
}

// For a bus connection, asks for its process first, if that is not known. Nothing is started for an
// answer: without systemd there are no units.
int UnitLookup::send(Question& question) {
    const pid_t pid = question.process.pid;
    sd_bus_message* raw = nullptr;
    int result = pid == 0 ? sd_bus_message_new_method_call(bus_, &raw, kBus, kBusPath, kBus,
                                                           "GetConnectionUnixProcessID")
                          : sd_bus_message_new_method_call(bus_, &raw, kSystemd, kSystemdPath,
                                                           kManager, "GetUnitByPID");
    const bus::MessagePtr message(raw);
    if (result >= 0)
        result = sd_bus_message_set_auto_start(raw, 0);
    if (result >= 0)
        result = pid == 0 ? sd_bus_message_append(raw, "s", question.connection.c_str())
                          : sd_bus_message_append(raw, "u", static_cast<std::uint32_t>(pid));
    if (result < 0)
        return result;
    sd_bus_slot* slot = nullptr;
    result = sd_bus_call_async(bus_, &slot, raw, pid == 0 ? Answers::on_process : Answers::on_unit,
                               &question, 0);
    question.slot.reset(slot);
    return result;
}

void UnitLookup::finish(std::uint64_t number, const Result<CallerUnit>& answer) {
    const auto found = questions_.find(number);
    if (found == questions_.end())
        return;
    const std::unique_ptr<Question> question = std::move(found->second);
    questions_.erase(found);
    ask_more();
    bus::guarded("unit of a caller", [&] { question->callback(answer); });
}

}  // namespace patd
