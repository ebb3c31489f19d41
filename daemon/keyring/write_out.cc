// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/keyring/write_out.h"

#include "common/base/names.h"

#include <array>
#include <optional>

namespace patd::keyring {
namespace {

constexpr char kGnome[] = "org.gnome.keyring";
constexpr char kInterface[] = "org.kde.KWallet";
// The name under which KWallet lists us as a wallet's user.
constexpr char kOurselves[] = "patd";

struct Daemon {
    const char* name;
    const char* path;
};
constexpr std::array kDaemons = {
    Daemon{"org.kde.kwalletd6", "/modules/kwalletd6"},
    Daemon{"org.kde.kwalletd5", "/modules/kwalletd5"},
    Daemon{"org.kde.ksecretd", "/ksecretd"},
};

bool is_owned(SessionBus& bus, const char* name, const std::string& owner) {
    const Result<std::string> found = bus.find_owner(name);
    return found && *found == owner;
}

std::optional<SessionBus::Place> find_kwallet(SessionBus& bus, const std::string& owner) {
    for (const auto& [name, path] : kDaemons) {
        if (is_owned(bus, name, owner))
            return SessionBus::Place{owner, path, kInterface};
    }
    return std::nullopt;
}

// A keyring that is gone has not written, and will not.
Result<Written> later(SessionBus& bus, const std::string& owner) {
    bus.renew_deadline();  // KWallet may have waited for its user instead
    if (TRY(bus.find_owner(names::kSecretService)) != owner)
        return Error{Errc::KeyringFailed, "the keyring was started anew"};
    return Written::Later;
}

}  // namespace

Result<Written> write_out(SessionBus& bus, const std::string& owner, const std::string& wallet) {
    if (is_owned(bus, kGnome, owner))
        return Written::Now;
    const std::optional<SessionBus::Place> daemon = find_kwallet(bus, owner);
    if (!daemon)
        return later(bus, owner);
    const Result<Variant> opened = bus.call(
        *daemon, "open", g_variant_new("(sxs)", wallet.c_str(), gint64{0}, kOurselves), "(i)");
    if (!opened)
        return later(bus, owner);
    gint32 handle = -1;
    g_variant_get(opened->get(), "(i)", &handle);
    if (handle < 0)
        return Written::Later;
    // It is never answered; but whatever is answered after it comes after the writing.
    bus.send(*daemon, "sync", g_variant_new("(is)", handle, kOurselves));
    TRY(bus.call(*daemon, "close", g_variant_new("(ibs)", handle, FALSE, kOurselves), "(i)"));
    return Written::Now;
}

}  // namespace patd::keyring
