// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"

#include <span>

namespace patd::client {

// Brings one secret into this process unseen by any bus: a socketpair whose `passed` end cannot be
// read any more, so a stolen duplicate of it reveals nothing (docs/adr/0003).
class SecretSink {
  public:
    static Result<SecretSink> create();

    // The end to pass with Operation.Commit; this object keeps it.
    int passed() const { return passed_.get(); }
    // What was written until every copy of the passed end was closed (this object's own is closed
    // first). Empty if nothing came. Unavailable: silence for kClientDeadline; LimitExceeded:
    // longer than a token secret can be.
    Result<SecretBuffer> receive();

  private:
    SecretSink(UniqueFd own, UniqueFd passed) : own_(std::move(own)), passed_(std::move(passed)) {}

    UniqueFd own_;
    UniqueFd passed_;
};

// Writes all of `bytes` into a sink that the service gave, and closes it. Unavailable if the
// service has closed its end.
Result<void> write_into(UniqueFd sink, std::span<const char> bytes);

}  // namespace patd::client
