// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"

#include <string>

namespace patd::store {

// The master key: exactly 32 random bytes, kept away from the store's own directory. Errors:
// NotFound (it does not exist), AccessDenied (not a regular file, wrong owner, or accessible to
// others), Corrupt (another length), Unavailable (I/O).

// From a file owned by root or this process's uid and closed to group and others.
Result<MasterKey> load_master_key(const std::string& path);
// From the systemd credential patd.master-key in $CREDENTIALS_DIRECTORY. Its group bits may be
// those of an ACL for this uid (systemd.exec(5), ImportCredential=), so group reading is no error
// here.
Result<MasterKey> load_master_key_from_credentials();
// The credential if there is one, else the file. A bad credential is an error, not a reason to look
// further.
Result<MasterKey> find_master_key(const std::string& fallback_path);
// Whether systemd passed the credential, which find_master_key then takes.
bool is_master_key_passed();

}  // namespace patd::store
