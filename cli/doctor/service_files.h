// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "cli/doctor/machine.h"
#include "common/base/pam_line.h"

#include <string>
#include <string_view>
#include <vector>

namespace patd::cli::doctor {

// A line of another program's configuration, and where it stands.
struct FileLine {
    std::string path;
    std::size_t number = 0;          // from 1, as sed(1) counts
    std::vector<std::string> words;  // at blanks; never empty
    bool indented = false;           // blanks stand before the first word

    // "'12s/.*/new/' '/etc/x.conf'": what sed -i needs to change this line by a command of its own.
    std::string edit(const std::string& command) const;
};

// The words of a file line by line, pure. What stands behind a `#`, and lines without a word, go.
std::vector<FileLine> split_lines(const std::string& path, std::string_view text);

// The same of a file of the machine; none when it is not there or cannot be read.
std::vector<FileLine> read_lines(const Machine& machine, const std::string& path);

// The lines of those files of a directory whose name has the ending, in the order of their names.
std::vector<FileLine> read_folder(const Machine& machine, const std::string& folder,
                                  std::string_view ending);

// The rules of one type (auth, account, ...) of the PAM service `service`, those of the files that
// its file includes in their places. Each says whose file it stands in.
std::vector<PamLine> find_rules(const Machine& machine, const std::string& service,
                                const std::string& type);

// Whether what logs in through the PAM service `service` is asked for by pam_pat.so in token mode,
// also where its file includes others.
bool takes_tokens(const Machine& machine, const std::string& service);

}  // namespace patd::cli::doctor
