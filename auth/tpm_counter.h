// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/base/tpm_count.h"
#include "common/base/unique_fd.h"

#include <cstdint>
#include <string>

namespace patd::auth {

// One counter in the TPM 2.0's memory, an NV index (TPM 2.0 Library, part 3, section 31): the TPM
// never lets it go down, and one that is made anew begins above every one that it ever had. Whoever
// may open the device may read it and raise it; nobody can write another value. Four commands with
// an empty password are all that this takes, so they are written here rather than with tpm2-tss.
// Each blocks as long as the TPM takes. Thread rule: one at a time.
class TpmCounter {
  public:
    // `path`: the device, or a socket of a software TPM's. `index`: see counter_index(). Holds a
    // lock until it is closed, so that nobody raises it between a look and a step. NotFound: there
    // is no TPM. BadFile: it may not be opened. Unavailable.
    static Result<TpmCounter> open(const std::string& path, std::uint32_t index);

    // Makes the counter, where there is none. AccessDenied: the owner of the TPM has a password, so
    // root has to make it. BadFile: the TPM cannot be used, or has something else at this index.
    // Unavailable: it failed.
    Result<TpmCount> read(Random& random) const;
    // Raises it by one. OutOfOrder: it is not at `from`. NotFound: there is none.
    Result<TpmCount> advance(std::uint64_t from) const;

  private:
    TpmCounter(UniqueFd tpm, std::uint32_t index) : tpm_(std::move(tpm)), index_(index) {}

    struct Found {
        std::string id;
        bool written = false;
    };
    Result<Found> find() const;
    Result<void> define(Random& random) const;
    Result<void> increment() const;
    Result<TpmCount> value_of(const Found& found) const;

    UniqueFd tpm_;
    std::uint32_t index_;
};

}  // namespace patd::auth
