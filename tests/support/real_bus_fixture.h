// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/dbus/signals_bus.h"
#include "tests/support/bus_fixture.h"
#include "tests/support/line_services.h"
#include "tests/support/system_bus.h"

#include <memory>
#include <optional>
#include <string>

namespace patd::support {

// The daemon's bus objects on a real system bus, with the real look-up of callers. Clients are
// connections of this process that were made under another uid, or separate processes.
class RealBusFixture : public ServiceFixture {
  protected:
    explicit RealBusFixture(SystemBus::Program program = SystemBus::Program::DbusDaemon)
        : system_(program) {}
    void SetUp() override {
        ServiceFixture::SetUp();
        tokens_.emplace(context());
        line_.emplace(context(), *loop_, StepUpSockets{auth_.path(), enroll_.path()});
        exposures_.emplace(Exposure::Parts{*loop_, line_->verbs, context()});
        owners_.emplace(OwnerCheck::Parts{*loop_, writer_, context()});
        clock_keeper_.emplace(ClockKeeper::Parts{*loop_, guard_, context()});
        rotation_.emplace(*loop_, context(), [] { return master_key(); });
        admin_.emplace(
            context(), [] { return master_key(); }, writer_, *rotation_);
        bus_ = system_.connect(*loop_);
        identity_ = bus::BusIdentity::create(bus_.get(), [this](const std::string& name) {
                        ++vanished_;
                        operations_.end_connection(name);
                        subscriptions_.forget(name);
                    }).value();
        subscriptions_.send_by([this](const std::string& connection, const OwnerSignal& signal) {
            send_signal(bus_.get(), connection, signal).value();
        });
        service_ =
            BusService::create(
                bus_.get(), {{*tokens_, line_->releaser, line_->verifier, context(), *exposures_},
                             operations_,
                             *identity_,
                             {*admin_, *owners_, *clock_keeper_, nullptr}})
                .value();
        must(sd_bus_request_name(bus_.get(), names::kBusName, 0), "sd_bus_request_name");
    }

    bus::BusPtr connect_as(Uid uid) {
        const AsUid user(uid);
        return system_.connect(*loop_);
    }
    BusCaller caller(const bus::BusPtr& bus) { return {*loop_, bus.get(), names::kBusName}; }
    Reply manager(const bus::BusPtr& bus, const char* member, const Fill& fill = {}) {
        return caller(bus).call(names::kManagerPath, names::kManagerInterface, member, fill);
    }
    Reply operation(const bus::BusPtr& bus, const std::string& path, const char* member,
                    const Fill& fill = {}) {
        return caller(bus).call(path, names::kOperationInterface, member, fill);
    }
    // Begins to create a token and answers the password's prompt; Commit is next.
    std::string begin_create(const bus::BusPtr& bus, const std::string& password) {
        std::string path =
            manager(bus, "Create", create_arguments("laptop", {"vcs:repository:rw"})).path();
        prove(bus, path, password);
        return path;
    }
    // Goes through a step-up that asks for `password`.
    void prove(const bus::BusPtr& bus, const std::string& path, const std::string& password) {
        PendingCall first = caller(bus).send(path, names::kOperationInterface, "Next");
        StepUpConversation conversation = auth_.accept();
        (void)conversation.begin();
        conversation.send(step_up::FrameKind::PromptSecret, "Service password: ");
        answer(read_prompt(caller(bus).finish(std::move(first))).sink, password);
        if (conversation.answer() != password)
            throw std::runtime_error("another password came");
        conversation.send(step_up::FrameKind::Granted);
        if (operation(bus, path, "Next").string() != "done")
            throw std::runtime_error("not done");
    }
    std::string store_bytes() const {
        std::string bytes;
        for (const char* name : {"store.db", "store.db-wal"}) {
            std::ifstream file(directory_.file(name), std::ios::binary);
            bytes.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
        return bytes;
    }

    SystemBus system_;
    ScriptedStepUp auth_{*loop_, directory_.file("auth.sock")};
    ScriptedStepUp enroll_{*loop_, directory_.file("enroll.sock")};
    Quota under_way_{{limits::kOperationsPerUser, limits::kOperations}};
    Quota handed_{{limits::kHandedDescriptorsPerUser, limits::kHandedDescriptors}};
    StepUpServices step_ups_{*loop_, {auth_.path(), enroll_.path()}, clock_};
    Operations operations_{*loop_, step_ups_, random_, {under_way_, handed_}};
    std::optional<KeyRotation> rotation_;
    std::optional<OwnerCheck> owners_;
    ClockGuard guard_{clock_};
    std::optional<ClockKeeper> clock_keeper_;
    std::optional<AdminService> admin_;
    std::optional<TokenService> tokens_;
    std::optional<LineServices> line_;
    std::optional<Exposures> exposures_;
    int vanished_ = 0;
    bus::BusPtr bus_;
    std::unique_ptr<bus::BusIdentity> identity_;
    std::unique_ptr<BusService> service_;
};

}  // namespace patd::support
