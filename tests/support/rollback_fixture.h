// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/store/tokens/store_admin.h"
#include "daemon/upkeep/rollback_admin.h"
#include "daemon/upkeep/witness_keeper.h"
#include "tests/support/service_fixture.h"
#include "tests/support/turning.h"
#include "tests/support/witness_service.h"

#include <sys/stat.h>

namespace patd::support {

// What Daemon builds of it.
struct RunningKeeper {
    RunningKeeper(bus::EventLoop& loop, store::TokenStore& store, const Clock& clock,
                  const std::string& socket, const std::string& counter)
        : writer(loop),
          keeper({loop, store, clock, socket, counter, std::chrono::milliseconds(20)}) {
        const Result<UniqueFd> asked = WitnessLink(socket).ask();
        keeper.compare(asked, CounterLink(counter).ask()).value();
        keeper.begin(writer);
    }
    bus::WorkerThread writer;
    WitnessKeeper keeper;
};

// A store and the real patd-auth; then somebody puts back what was there before.
class RollbackTest : public ServiceFixture {
  protected:
    void SetUp() override {
        serve();
        ServiceFixture::SetUp();
        run();
        EXPECT_TRUE(settles());
    }
    void TearDown() override { stop(); }

    void serve() { service_ = std::make_unique<WitnessService>(socket(), state()); }
    std::string socket() const { return elsewhere_.file("auth.sock"); }
    // Nobody is there, but in tests of the TPM.
    std::string counter_socket() const { return elsewhere_.file("counter.sock"); }
    std::string state() const { return elsewhere_.file("auth"); }
    std::string database() const { return directory_.file("store.db"); }
    WitnessKeeper& keeper() { return running_->keeper; }
    void run() { running_.emplace(*loop_, *store_, clock_, socket(), counter_socket()); }
    void stop() {
        running_.reset();
        store_.reset();
    }
    void open(char key = 'k') {
        store_ =
            store::TokenStore::open({directory_.path(), true}, master_key(key), random_).value();
        auditor_.reset();
        start_auditor();
        run();
    }
    void restart() {
        stop();
        open();
    }
    // Until patd-auth knows this store's generation, the store knows that, and the writer rests.
    bool settles() {
        const auto is_told = [&] {
            return service_->text().find("\nstore ") != std::string::npos &&
                   keeper().state() == WitnessState::Kept;
        };
        const auto is_known = [&] {
            std::int64_t witnessed = 0;
            change([&]() -> Result<void> {
                witnessed = store::StoreAdmin(*store_).anchor().value()->mark().witnessed;
                return {};
            }).value();
            return witnessed > 0;
        };
        return turn_until(*loop_, is_told) && turn_until(*loop_, is_known);
    }
    void keep_today() {
        stop();
        std::filesystem::copy(directory_.path(), elsewhere_.file("today"));
        open();
    }
    void put_back() {
        stop();
        for (const char* name : {"store.db", "store.db-wal", "store.db-shm"}) {
            std::filesystem::remove(directory_.file(name));
            if (std::filesystem::exists(elsewhere_.file("today") + "/" + name))
                std::filesystem::copy(elsewhere_.file("today") + "/" + name, directory_.file(name));
        }
        open();
    }
    // Through the keeper, as every change goes.
    Result<void> change(const std::function<Result<void>()>& work) {
        std::optional<Result<void>> done;
        bus::run(keeper(), work, [&](const Result<void>& result) { done.emplace(result); });
        EXPECT_TRUE(turn_until(*loop_, [&] { return done.has_value(); }));
        return done.value_or(Result<void>());
    }
    void remove(const Token& token) {
        change([&] { return store_->remove(token.id, token.owner, clock_.now()); }).value();
    }
    void narrow(const Token& token) {
        change([&] {
            return store_->update(token.id, token.owner, [](Token& stored) -> Result<void> {
                stored.permissions.pop_back();
                return {};
            });
        }).value();
    }
    RollbackAdmin::Report accept(const RollbackAdmin::Choice& choice = {}) {
        RollbackAdmin admin(
            {*store_, *audit_log_, keeper(), *auditor_, locks_.value(), accounts_, clock_, random_,
             state_, subscriptions_, reuse_alarm_.value(), units_, turns_, limited_},
            keeper(), {});
        std::optional<RollbackAdmin::Report> report;
        admin.accept({Uid(0), ":1"}, choice, [&](const Result<RollbackAdmin::Report>& done) {
            report.emplace(done.value());
        });
        EXPECT_TRUE(turn_until(*loop_, [&] { return report.has_value(); }));
        return report.value();
    }
    bool is_withheld() {
        const Result<void> may = store_->may_change();
        return !may && may.error().code == Errc::RolledBack;
    }
    bool verifies(const Issued& issued) {
        const auto digest = store_->digest(issued.secret.reveal());
        return digest && store_->find(issued.token.id).value() != nullptr;
    }

    TemporaryDirectory elsewhere_;
    std::unique_ptr<WitnessService> service_;
    std::optional<RunningKeeper> running_;
};

}  // namespace patd::support
