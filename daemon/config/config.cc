// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "daemon/config/config.h"

#include "common/base/nearest_name.h"
#include "daemon/config/catalogue_text.h"
#include "daemon/config/config_files.h"
#include "daemon/config/forges_text.h"

#include <algorithm>

namespace patd {
namespace {

const SettingOption* find_option(std::string_view key) {
    for (const SettingOption& option : setting_options()) {
        if (option.key == key)
            return &option;
    }
    return nullptr;
}

// Repeats only what looks like an option: the line may be anything.
std::string describe_unknown(std::string_view key) {
    const bool is_word =
        !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        });
    std::vector<std::string> names;
    for (const SettingOption& option : setting_options())
        names.emplace_back(option.key);
    const std::string nearest = is_word ? nearest_name(key, names) : "";
    return "an unknown option" + (is_word ? " " + std::string(key) + "=" : "") +
           (nearest.empty() ? "; patd.conf(5) lists those that there are"
                            : "; did you mean " + nearest + "=?");
}

// Takes over one assignment. Returns its fault, or nothing.
std::string take(const std::string& file, const ConfigLine& line, Config& config) {
    if (!line.fault.empty() || line.begins_section)
        return std::string(line.fault);
    const SettingOption* option = find_option(line.key);
    if (option == nullptr)
        return describe_unknown(line.key);
    const Result<void> assigned = assign(*option, line.value, config.settings);
    if (!assigned)
        return assigned.error().context;
    config.sources.erase(option->key);
    if (!line.value.empty())
        config.sources.emplace(option->key, file + ":" + std::to_string(line.number));
    return {};
}

}  // namespace

bool Config::may_pass() const {
    return std::any_of(faults.begin(), faults.end(),
                       [](const ConfigFault& fault) { return fault.may_pass; });
}

Config load_config(const std::string& root) {
    Config config;
    for (const ConfigFile& file : read_config_files(root, config.faults)) {
        config.files.push_back(file.path);
        for (const ConfigLine& line : parse_config_text(file.text, kPatdForm)) {
            std::string fault = take(file.path, line, config);
            if (!fault.empty())
                config.faults.push_back({file.path, line.number, std::move(fault)});
        }
    }
    for (const ConfigFile& file : read_permission_files(root, config.faults)) {
        config.files.push_back(file.path);
        read_catalogue(file, config.catalogue, config.faults);
    }
    for (const ConfigFile& file : read_forge_files(root, config.faults)) {
        config.files.push_back(file.path);
        read_forges(file, config.forges, config.faults);
    }
    return config;
}

std::string format_config(const Config& config) {
    std::string text;
    for (const std::string& file : config.files)
        text += "# " + file + "\n";
    text += "[Patd]\n";
    for (const SettingOption& option : setting_options()) {
        const auto source = config.sources.find(option.key);
        text += "# " + (source == config.sources.end() ? "default" : source->second) + "\n";
        text.append(option.key).append("=");
        text += format_value(option, config.settings) + "\n";
    }
    return text;
}

}  // namespace patd
