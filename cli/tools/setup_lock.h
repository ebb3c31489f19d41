// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

#include <chrono>
#include <filesystem>

namespace patd::cli::tools {

inline constexpr std::chrono::seconds kSetupLockWait{10};

// Makes `folder` and holds its file setup.lock, for one setup at a time, until the descriptor is
// closed: of what two wrote at once, only one's would stay. Waits for another one at most `wait`.
// Busy: that is over, and the context names cause and fix; BadFile: the file cannot be made or
// opened.
Result<UniqueFd> lock_setup(const std::filesystem::path& folder,
                            std::chrono::milliseconds wait = kSetupLockWait);

}  // namespace patd::cli::tools
