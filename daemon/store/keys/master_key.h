// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secrets.h"

#include <string>

namespace patd::store {

// The master key: exactly 32 random bytes, kept away from the store's own directory. Errors:
// NotFound (nothing there), AccessDenied (no regular file, wrong owner, or open to others), Corrupt
// (another length), Unavailable (I/O).

// From a file of root or of this process's uid that is closed to group and others.
Result<MasterKey> load_master_key(const std::string& path);
// From the systemd credential patd.master-key in $CREDENTIALS_DIRECTORY. Its group bits may be
// those of an ACL for this uid (systemd.exec(5), ImportCredential=), so group reading is no error
// here.
Result<MasterKey> load_master_key_from_credentials();
// The credential if there is one, else the file. A bad credential is an error, not a reason to look
// further.
Result<MasterKey> find_master_key(const std::string& fallback_path);
// Which of the two find_master_key takes: whether systemd passed the credential.
bool is_master_key_passed();

}  // namespace patd::store
