// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/keyring_prompt.h"

#include "common/base/limits.h"
#include "daemon/keyring/secret_names.h"

#include <algorithm>
#include <optional>

namespace patd::keyring {
namespace {

using SteadyClock = GlibLoop::SteadyClock;

// How often to check whether the prompt is still needed, if the keyring says nothing.
constexpr std::chrono::seconds kLook{1};

KeyringPrompt::End read_end(GVariant* arguments) {
    if (g_variant_is_of_type(arguments, G_VARIANT_TYPE("(bv)")) == 0)
        return {true, nullptr};
    gboolean dismissed = TRUE;
    GVariant* result = nullptr;
    g_variant_get(arguments, "(bv)", &dismissed, &result);
    return {dismissed != 0, Variant(result)};
}

}  // namespace

Result<KeyringPrompt::End> KeyringPrompt::stand(const std::string& path,
                                                SteadyClock::time_point deadline) {
    const SessionBus::Place place{owner, path, kPromptInterface};
    std::optional<End> end;
    bool is_gone = false;
    bool has_news = false;
    const auto completed = bus.subscribe(
        place, "Completed", [&](GVariant* arguments) { end.emplace(read_end(arguments)); });
    const auto gone = bus.watch(owner, [&](GVariant*) { is_gone = true; });
    const auto news =
        bus.subscribe({owner, "", nullptr}, nullptr, [&](GVariant*) { has_news = true; });
    const auto set_call_deadline = [&] {
        loop.set_deadline(SteadyClock::now() + limits::kKeyringDeadline);
    };
    set_call_deadline();
    TRY(bus.call(place, "Prompt", g_variant_new("(s)", ""), "()"));
    bool elsewhere = false;
    while (!end && !is_gone && !elsewhere && !loop.is_given_up() && SteadyClock::now() < deadline) {
        const auto next = std::min(deadline, SteadyClock::now() + kLook);
        (void)loop.turn_until([&] { return end || is_gone || has_news; }, next);
        has_news = false;
        set_call_deadline();
        elsewhere = !end && !is_gone && is_done();
    }
    if (end)
        return std::move(*end);
    if (is_gone)
        return Error{Errc::KeyringFailed, "the keyring went away while it asked"};
    bus.send(place, "Dismiss", nullptr);
    if (loop.is_given_up())
        return Error{Errc::KeyringFailed, "given up"};
    return End{!elsewhere, nullptr};
}

}  // namespace patd::keyring
