// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "daemon/keyring/session_bus.h"

#include <string>

namespace patd::keyring {

// KWallet answers before it writes: 5 s after the last change, and never when it is ended before
// (docs/adr/0026). Asks it, by its own interface, to write `wallet` now.
enum class Written {
    Now,    // it is on disk; also where `owner` is no KWallet, which writes before it answers
    Later,  // it writes when it pleases: ksecretd, from 6.17 on, or one that does not let patd ask
};
// `owner` is the keyring's unique name. KeyringFailed. Thread rule: inside a job of the loop's.
Result<Written> write_out(SessionBus& bus, const std::string& owner, const std::string& wallet);

}  // namespace patd::keyring
