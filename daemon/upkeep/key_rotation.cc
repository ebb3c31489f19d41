// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/upkeep/key_rotation.h"

#include "common/base/limits.h"
#include "common/base/log_messages.h"
#include "common/bus/firewall.h"
#include "daemon/store/tokens/store_admin.h"

namespace patd {
namespace {

using store::KeySet;
using store::Resealer;
using store::StoreAdmin;

// What a step on the writer reports to the loop.
struct Stepped {
    bool through = false;
    Resealer::Progress progress;
};

Result<Stepped> take_step(Resealer& resealer) {
    const bool through = TRY(resealer.step());
    return Stepped{through, resealer.progress()};
}

}  // namespace

void KeyRotation::start(const Caller& root, const Done& told) {
    if (state_.running)
        return told(Errc::Busy);
    const Done begun = bus::firewalled("rotate-key", told);
    const auto event = context_.auditor.begin(root, Uid(0), std::nullopt, "rotate-key");
    if (!event) {
        state_.failure = event.error().code;
        log(messages::kRotationStopped, event.error());
        return begun(event.error());
    }
    event_ = *event;
    state_ = {.running = true};
    bus::Undo stop([this] { fail(Errc::Internal); });
    resealer_ = std::make_shared<Resealer>(context_.store);
    bus::run(
        context_.writer,
        [resealer = resealer_, &events = context_.audit_log,
         find_key = find_key_]() -> Result<KeySet> {
            TRY(events.sync_events());
            const MasterKey key = TRY(find_key());
            return resealer->begin(key);
        },
        [this, begun](const Result<KeySet>& keys) { adopt(keys, begun); });
    stop.keep();
}

void KeyRotation::resume() {
    bus::run(
        context_.writer, [&store = context_.store] { return Resealer(store).is_due(); },
        [this](const Result<bool>& due) {
            if (!due || !*due || state_.running)
                return;
            log(messages::kRotationResumed);
            start({Uid(0), {}}, [](const Result<void>&) {});
        });
}

void KeyRotation::adopt(const Result<KeySet>& keys, const Done& begun) {
    Result<KeySet> for_reading = keys ? keys->clone() : Result<KeySet>(keys.error());
    Result<KeySet> for_writing = keys ? keys->clone() : Result<KeySet>(keys.error());
    if (!for_reading || !for_writing) {
        const Error reason = (for_reading ? for_writing : for_reading).error();
        fail(reason);
        return begun(reason);
    }
    // Readers first: then the writer may use the new key.
    forget_ = {};
    StoreAdmin(context_.store).adopt_for_reading(std::move(*for_reading));
    const auto held = std::make_shared<KeySet>(std::move(*for_writing));
    bus::run(
        context_.writer, [resealer = resealer_, held] { return resealer->adopt(std::move(*held)); },
        [this, begun](const Result<void>& adopted) {
            if (!adopted)
                fail(adopted.error());
            begun(adopted);
            if (adopted)
                step();
        });
}

void KeyRotation::step() {
    bus::run(
        context_.writer, [resealer = resealer_] { return take_step(*resealer); },
        [this](const Result<Stepped>& stepped) {
            if (!stepped)
                return fail(stepped.error());
            state_.progress = stepped->progress;
            if (stepped->through)
                return finish();
            step();
        });
}

void KeyRotation::finish() {
    bus::run(
        context_.writer, [resealer = resealer_] { return resealer->finish(); },
        [this](const Result<void>& finished) {
            if (!finished)
                return fail(finished.error());
            state_.running = false;
            context_.auditor.end(event_, "ok");
            // What was released under the old key may still be in use.
            forget_ = loop_.after(std::chrono::seconds(limits::kChildLifetimeSeconds),
                                  [this] { StoreAdmin(context_.store).forget_keys_before(); });
        });
}

void KeyRotation::fail(const Error& error) {
    state_.running = false;
    state_.failure = error.code;
    context_.auditor.end(event_, errc_name(error.code));
    log(messages::kRotationStopped, error);
}

}  // namespace patd
