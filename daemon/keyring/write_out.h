// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/keyring/session_bus.h"

#include <string>

namespace patd::keyring {

// Whether a keyring that has answered has written (docs/adr/0026).
enum class Written {
    Now,    // it is on disk: gnome-keyring, which writes before it answers, and KWallet, when asked
    Later,  // it writes when it pleases: ksecretd, KeePassXC, and what is not known here
};
// Lets the keyring of the unique name `owner` write `wallet` now, where it can be asked to: KWallet
// would 5 s after the last change, and never when it is ended before. KeyringFailed.
// Thread rule: inside a job of the loop's.
Result<Written> write_out(SessionBus& bus, const std::string& owner, const std::string& wallet);

}  // namespace patd::keyring
