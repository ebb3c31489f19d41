// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/keyring/session_bus.h"

#include <string>

namespace patd::keyring {

// Whether a keyring that has answered has also written (docs/adr/0026).
enum class Written {
    Now,    // on disk: gnome-keyring, which writes before it answers, and KWallet, if asked
    Later,  // at its own time: ksecretd, KeePassXC, and any that we do not know
};
// Makes the keyring with the unique name `owner` write `wallet` now, if it supports that: KWallet
// would write 5 s after the last change, and never if it is ended before. KeyringFailed.
// Thread rule: inside a job of the loop's.
Result<Written> write_out(SessionBus& bus, const std::string& owner, const std::string& wallet);

}  // namespace patd::keyring
