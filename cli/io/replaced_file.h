// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include <signal.h>

#include <filesystem>

namespace patd::cli {

// How a file is put in another's place so that whoever reads it finds the old text or the new one,
// and everything else stays as it was.

// The file behind links, which need not be there yet.
std::filesystem::path resolve_links(std::filesystem::path file);

// Gives the open file `to` the mode, owner and access list of `from`; of one that is not there,
// `mode` less the umask. To be called before anything is written: what it will hold may be for its
// owner alone. False: it would be readable for others than before.
bool take_over(const char* from, int to, mode_t mode);

// Holds back the signals that end a program, in this thread, so that none leaves a half of it
// behind. The mask of before, which the caller sets again.
sigset_t block_ends();

}  // namespace patd::cli
