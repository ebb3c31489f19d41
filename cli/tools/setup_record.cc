// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: patd contributors
#include "cli/tools/setup_record.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace patd::cli::tools {
namespace {

std::vector<std::string> recorded_texts(const nlohmann::json& object, const char* key) {
    std::vector<std::string> texts;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array())
        return texts;
    for (const nlohmann::json& text : *found) {
        if (text.is_string())
            texts.push_back(text.get<std::string>());
    }
    return texts;
}

}  // namespace

SetupRecord SetupRecord::read(const std::filesystem::path& file) {
    SetupRecord record;
    record.file = file;
    const Result<std::optional<std::string>> text = read_tool_file(file);
    if (!text || !*text)
        return record;
    const nlohmann::json json = nlohmann::json::parse(**text, nullptr, false);
    if (!json.is_object())
        return record;
    for (const auto& [tool, entry] : json.items()) {
        if (entry.is_object())
            record.tools[tool] = {recorded_texts(entry, "places"), recorded_texts(entry, "made")};
    }
    return record;
}

bool SetupRecord::has_made(const std::string& tool, const std::filesystem::path& made) const {
    const auto entry = tools.find(tool);
    return entry != tools.end() &&
           std::count(entry->second.made.begin(), entry->second.made.end(), made.string()) != 0;
}

Result<void> SetupRecord::write() const {
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [tool, entry] : tools) {
        if (!entry.places.empty() || !entry.made.empty())
            json[tool] = {{"places", entry.places}, {"made", entry.made}};
    }
    FileChange change;
    change.file = file;
    change.before = TRY(read_tool_file(file));
    if (!json.empty())
        change.after = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    return carry_out(change);
}

}  // namespace patd::cli::tools
