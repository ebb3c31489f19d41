// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "common/base/unique_fd.h"
#include "tests/hostile/chance.h"
#include "tests/support/hostile_descriptors.h"

#include <memory>
#include <string>
#include <vector>

namespace patd::hostile {

// Descriptors of every kind for arguments of type h. Made by and for one user.
class OddDescriptors {
  public:
    explicit OddDescriptors(Chance& chance) : chance_(chance) {}

    // Any one, which this object keeps.
    int any();
    // The end of a new socketpair that a secret can be written into; `reader` is the other end.
    static UniqueFd sink(UniqueFd& reader);
    // A socket with an absolute path that listens.
    UniqueFd listener();
    // The path of the last one.
    const std::string& listening_at() const { return path_; }
    // A file that backups are written to and read from, sometimes damaged.
    int backup_file();

  private:
    int odd_sink();
    void keep(int fd);

    Chance& chance_;
    support::HostileDescriptors hostile_;
    support::TemporaryDirectory directory_;
    UniqueFd backup_;
    std::vector<UniqueFd> kept_;  // until the next one of its kind
    std::string path_;
    int listeners_ = 0;
};

}  // namespace patd::hostile
