// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#ifdef PATD_LIBRARIES
#include <openssl/evp.h>
#include <sqlite3.h>
#endif

namespace patd::bench {

// Loads the libraries that patd needs as a real user does: one hash, and one empty database. Does
// nothing in a program that is built without them.
inline bool use_libraries() {
#ifdef PATD_LIBRARIES
    unsigned char digest[EVP_MAX_MD_SIZE];
    sqlite3* database = nullptr;
    return EVP_Digest("", 0, digest, nullptr, EVP_sha256(), nullptr) == 1 &&
           sqlite3_open(":memory:", &database) == SQLITE_OK;
#else
    return true;
#endif
}

}  // namespace patd::bench
