// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/targets.h"

namespace patd::fuzz {
namespace {

// As load_config does it, for one file. False: it has a fault.
bool read(std::string_view text, Settings& settings) {
    for (const ConfigLine& line : parse_config_text(text, kPatdForm)) {
        if (!line.fault.empty())
            return false;
        for (const SettingOption& option : setting_options()) {
            if (!line.begins_section && option.key == line.key) {
                const Settings before = settings;
                if (!assign(option, line.value, settings)) {
                    require(settings == before, "what is refused changes nothing");
                    return false;
                }
            }
        }
    }
    return true;
}

}  // namespace

// patd.conf(5).
void configuration(std::string_view input) {
    Config config;
    if (!read(input, config.settings))
        return;
    const std::string text = format_config(config);
    Config again;
    require(read(text, again.settings), "a printed configuration is one");
    require(again.settings == config.settings, "a configuration is printed as itself");
    require(format_config(again) == text, "a configuration has one print");
}

}  // namespace patd::fuzz
