// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/result.h"
#include "common/base/unique_fd.h"

#include <sys/types.h>

#include <string>
#include <string_view>

namespace patd::cli {

// The directory that a user shows to a container, and the line socket in it, which is the user's
// own: patd never touches a directory of a user's.

// The absolute path of DIR/socket. The caller must own DIR, since that is how a client inside
// recognises who listens, and nobody else may write into it. MalformedRequest with the reason.
Result<std::string> find_socket_path(const std::string& directory);
// Listens there with `mode`, in place of a dead socket of the caller's. MalformedRequest: something
// else is there, or somebody listens already; the path is too long.
Result<UniqueFd> listen_at(const std::string& path, mode_t mode);
// Removes a socket of the caller's, and the git file beside it; whether there was a socket.
bool remove_socket(const std::string& path);

// What the git file begins with: a regular file of the caller's that begins so is ours, and nothing
// else under its name is ever removed or replaced.
constexpr std::string_view kGitFileBegin = "# Of 'patctl expose'";
// Beside the socket: what git in the container has to be told.
std::string git_file_of(const std::string& socket_path);
// Puts kGitFileBegin and `text` there, for everybody to read, in place of an older one of ours.
// MalformedRequest: anything else is there, a link too, which whoever is in the container may have
// made; or the system's reason.
Result<void> write_git_file(const std::string& socket_path, const std::string& text);

}  // namespace patd::cli
