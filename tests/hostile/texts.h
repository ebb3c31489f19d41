// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/hostile/chance.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patd::hostile {

// Texts for the fields that patd reads: correct, at their limits, and anything at all.
class Texts {
  public:
    // `words` are texts that the service knows.
    Texts(Chance& chance, const std::vector<std::string>& words) : chance_(chance), words_(words) {}

    // For the field of this name, mostly good.
    std::string good(std::string_view field);
    // Anything: text that is good elsewhere, with a length near a limit, with odd characters. Valid
    // UTF-8 without NUL, which is all that the bus carries.
    std::string odd();
    std::string any(std::string_view field) { return chance_.one_in(4) ? odd() : good(field); }
    // A list as long as `field` may have, or longer.
    std::vector<std::string> list(std::string_view field);
    // How many bytes of long texts may follow: what one message holds.
    void set_room(std::size_t bytes) { room_ = bytes; }
    // One more text that the service knows.
    void learn(std::string word);
    // The length of something near a limit; rarely above `most`.
    std::size_t length(std::size_t most);

  private:
    std::string url();
    std::string letters(std::size_t size);

    Chance& chance_;
    std::vector<std::string> words_;
    std::size_t room_ = 300000;
};

}  // namespace patd::hostile
