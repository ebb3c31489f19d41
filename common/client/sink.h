// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/secret_buffer.h"
#include "common/base/unique_fd.h"

#include <span>

namespace patd::client {

// A way for one secret into this process that no bus sees: a socketpair whose `passed` end cannot
// be read any more, so that a stolen duplicate of it tells nothing (docs/adr/0003).
class SecretSink {
  public:
    static Result<SecretSink> create();

    // The end to pass with Operation.Commit; it stays this object's.
    int passed() const { return passed_.get(); }
    // What was written until every copy of the passed end was closed; this object's is closed
    // first. Empty when nothing came. Unavailable: silence for kClientDeadline; LimitExceeded: more
    // than a token secret can have.
    Result<SecretBuffer> receive();

  private:
    SecretSink(UniqueFd own, UniqueFd passed) : own_(std::move(own)), passed_(std::move(passed)) {}

    UniqueFd own_;
    UniqueFd passed_;
};

// Writes all of `bytes` into a sink that the service gave, and closes it. Unavailable when the
// service has closed it.
Result<void> write_into(UniqueFd sink, std::span<const char> bytes);

}  // namespace patd::client
