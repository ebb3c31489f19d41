// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#pragma once

#include "tests/hostile/odd_descriptors.h"
#include "tests/hostile/texts.h"
#include "tests/support/introspection.h"

#include <systemd/sd-bus.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace patd::hostile {

// Fills messages with values, by signature and by the meaning of the argument.
class BusValues {
  public:
    // Root's rights are not used against `spared`.
    BusValues(Chance& chance, Texts& texts, OddDescriptors& descriptors, std::uint32_t spared)
        : chance_(chance), texts_(texts), descriptors_(descriptors), spared_(spared) {}

    // Call it before each message.
    void begin_message();
    // An argument of this method, mostly correct.
    void append_argument(sd_bus_message* message, const std::string& method,
                         const support::BusArgument& argument);
    // The options of an import, correct: a place and a user name; sometimes more.
    void append_import(sd_bus_message* message, bool described);
    // One complete type, with any value.
    void append_any(sd_bus_message* message, const std::string& type);
    // A signature of up to `types` complete types.
    std::string signature(std::size_t types);
    // The length of the complete type at the start of a valid signature.
    static std::size_t type_length(std::string_view signature);

  private:
    void append_list(sd_bus_message* message, const std::string& method);
    void append_options(sd_bus_message* message, const std::string& method);
    void append_odd_options(sd_bus_message* message);
    void append_basic(sd_bus_message* message, char type);
    void append_array(sd_bus_message* message, const std::string& element);
    void append_option(sd_bus_message* message, std::string_view key, bool good);
    void append_variant(sd_bus_message* message, const std::string& type);
    void append_numbers(sd_bus_message* message, char type, std::int64_t value);
    void append_entry(sd_bus_message* message, std::string_view key, bool good);
    std::string one_type(std::size_t depth);
    std::int64_t number();
    std::int64_t good_number(std::string_view key);

    Chance& chance_;
    Texts& texts_;
    OddDescriptors& descriptors_;
    std::uint32_t spared_;
    std::size_t room_ = 0;  // values that one message may still get
};

}  // namespace patd::hostile
